package cmd_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/cmd"
)

// linkReader is an agent that replies with the link and the content of the attachment.
func linkReader() agents.Type {
	return agents.Type{Name: "links", New: func() agents.Config { return &linkConfig{} }}
}

type linkConfig struct{}

func (*linkConfig) Validate() error { return nil }

func (*linkConfig) Open(agents.Env) (agents.Agent, error) {
	return agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		m, err := t.Open(ctx, t.Message.Attachments[0])
		if err != nil {
			return err
		}
		content, err := io.ReadAll(m)
		if err != nil {
			return err
		}
		return r.Reply(ctx, channels.Reply{Text: string(content), Image: t.Message.Attachments[0].URL})
	}), nil
}

// Without --public-url there is no link. With it each start signs by the key of the journal:
// a link of an earlier one is still known, and leads to a medium that is not kept any more.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	d := newSharedStore(t)
	const public = "https://bot.example/some%20path"
	ask := func(args ...string) (link string, r *running) {
		p := programWith(t, d, 1)
		p.Agents = append(p.Agents, linkReader())
		r = p.start(t, localFlags(t, "rest:\n", "agent: {type: links}\nstore: {type: shared}\n", args...)...)
		res, body := r.post("", `{"attachments":[{"content":"aGVsbG8="}]}`)
		var replies []struct{ Text, Image string }
		if err := json.Unmarshal([]byte(body), &replies); err != nil || len(replies) == 0 || replies[0].Text != "hello" {
			t.Fatalf("status %d, %s", res.StatusCode, body)
		}
		return replies[len(replies)-1].Image, r
	}
	link, first := ask()
	if link != "" {
		t.Errorf("without --public-url the link is %s", link)
	}
	first.end()
	link, second := ask("--public-url", public+"/")
	path, ok := strings.CutPrefix(link, public+"/webhooks/rest/media/")
	if !ok {
		t.Fatalf("the link is %s", link)
	}
	second.end()
	if log := second.err.String(); strings.Contains(log, "signature") {
		t.Errorf("the log has %s", log)
	}
	_, third := ask()
	if status, body := third.fetch("http://"+third.addr+"/webhooks/rest/media/"+path, ""); status != http.StatusNotFound || !strings.Contains(body, "not kept any more") {
		t.Errorf("status %d, %s", status, body)
	}
	if status, body := third.fetch("http://"+third.addr+"/webhooks/rest/media/"+path+"0", ""); status != http.StatusForbidden {
		t.Errorf("another signature: status %d, %s", status, body)
	}
}

//nolint:paralleltest // sets the environment
func TestPublicURLMistakes(t *testing.T) {
	for given, want := range map[string]string{
		"bot.example": "expected an address such as", "ftp://bot.example": "expected an address such as", "https://": "expected an address such as",
		"https:bot.example": "expected an address such as", "https://:443": "expected an address such as", "http://%zz": "expected an address such as",
		"https://me:pw@bot.example": "without a name and a password", "https://bot.example?": `without "?" and "#"`,
		"https://bot.example/?a=1": `without "?" and "#"`, "https://bot.example/#a": `without "?" and "#"`, "https://bot.example/#": `without "?" and "#"`,
	} {
		t.Setenv("MANYVOX_PUBLIC_URL", given)
		for _, command := range []string{"run", "check"} {
			got := runToEnd(t, "", command)
			if got.code != cmd.ExitUsage || !strings.Contains(got.err, "--public-url: ") || !strings.Contains(got.err, want) || strings.Contains(got.err, "pw") {
				t.Errorf("%s, %s: exit code %d, %s", command, given, got.code, got.err)
			}
		}
	}
}
