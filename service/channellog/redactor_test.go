package channellog_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/channellog"
)

// secretive is a configuration with secrets wherever they can be.
type secretive struct {
	embedded
	Token   channels.Secret
	URL     channels.Secret
	Headers map[string]channels.Secret
	Nested  *struct{ Password channels.Secret }
	List    []any
	Short   channels.Secret
	Name    string
	Self    *secretive
	hidden  map[string]channels.Secret // changes under whoever looks
}

type embedded struct{ Key channels.Secret }

// texts returns each way in which a secret could come into a log.
func texts(secret string) []string {
	quoted, _ := json.Marshal(secret)
	list := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), (&url.URL{Path: secret}).EscapedPath(), string(quoted),
		hex.EncodeToString([]byte(secret)), "https://api.example/bot" + secret + "/send", "Bearer " + secret,
	}
	for _, before := range []string{"", "u:", "me:", "you:"} {
		list = append(list, base64.StdEncoding.EncodeToString([]byte(before+secret)), base64.URLEncoding.EncodeToString([]byte(before+secret+"!")))
	}
	return list
}

func TestRedactor(t *testing.T) {
	t.Parallel()
	config := &secretive{
		embedded: embedded{"embedded-k3y"},
		Token:    `t0ken/with ?odd&"chars"%41`, URL: "https://user:pa55word@app.example/hooks/s3cr3tpath?key=qu3ryvalue",
		Headers: map[string]channels.Secret{"X-Key": "h3ader-value"}, Nested: &struct{ Password channels.Secret }{"n3sted pass"},
		List: []any{channels.Secret("in-a-list-1")}, Short: "in", Name: "visible",
	}
	config.Self = config // it ends nevertheless
	stop, changing := make(chan struct{}), make(chan struct{})
	config.hidden = map[string]channels.Secret{}
	go func() {
		defer close(changing)
		for {
			select {
			case <-stop:
				return
			default:
				config.hidden["n"] = "changed"
			}
		}
	}()
	defer func() { close(stop); <-changing }()
	var program bytes.Buffer
	log := slog.New(slog.NewTextHandler(&program, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r := channellog.NewRecorder(channellog.New(), channellog.NewRedactor(config), true, log)
	needles := []string{
		string(config.Token), "odd&", "h3ader-value", "n3sted pass", "in-a-list-1", "embedded-k3y", "pa55word", "s3cr3tpath", "qu3ryvalue",
	}
	for _, secret := range append(needles, string(config.URL)) {
		if secret == "odd&" {
			continue // a piece of another
		}
		for _, text := range texts(secret) {
			r.Record(t.Context(), channels.Exchange{Direction: channels.DirectionOut, Route: text, Code: text, Text: text, Sender: text, Message: text})
			r.Record(t.Context(), channels.Exchange{Text: strings.Repeat("x", 200-len(text)/2) + text}) // the cut leaves no half
		}
	}
	entries, _ := r.Since(0)
	shown := fmt.Sprintf("%+v", entries) + program.String()
	for _, needle := range needles {
		for _, form := range append(texts(needle), needle) {
			if strings.Contains(shown, form) {
				t.Errorf("%q is shown", form)
			}
		}
	}
	for _, half := range []string{"t0ken", "h3ad", "n3st", "s3cr", "qu3r", "pa55"} {
		if strings.Contains(shown, half) {
			t.Errorf("half a secret, %q, is shown", half)
		}
	}
	if !strings.Contains(program.String(), "msg=exchange direction=out route=") || !strings.Contains(program.String(), " ms=0 verdict=failed ") {
		t.Errorf("the program's log is %s", program.String()[:1000])
	}
	if !strings.Contains(shown, "<secret>") {
		t.Error("nothing was taken out")
	}
}

// What is no secret stays, as does the path of the webhook where a secret address has the
// same.
func TestRedactorLeavesTheRest(t *testing.T) {
	t.Parallel()
	redactor := channellog.NewRedactor(&secretive{URL: "https://app.example/webhook", Short: "in", Name: "visible"})
	r := channellog.NewRecorder(channellog.New(), redactor, false, slog.New(slog.DiscardHandler))
	r.Record(t.Context(), channels.Exchange{Route: "POST /webhook", Status: 400, Text: "a visible reason in words"})
	r.Record(t.Context(), channels.Exchange{Direction: channels.DirectionOut, Route: "POST app.example/webhook", Status: 200})
	want := "[in POST /webhook 400 refused a visible reason in words out POST app.example<secret> 200 accepted]"
	if got := fmt.Sprint(lines(r)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRecorderLeavesMessagesOut(t *testing.T) {
	t.Parallel()
	for _, logText := range []bool{false, true} {
		r := channellog.NewRecorder(channellog.New(), nil, logText, slog.New(slog.DiscardHandler))
		e := accepted("ann")
		e.Message = "my address is"
		r.Record(t.Context(), e)
		entries, _ := r.Since(0)
		if shown := entries[0].Message != ""; shown != logText {
			t.Errorf("log_text %v: message %q", logText, entries[0].Message)
		}
	}
}

func FuzzRedactor(f *testing.F) {
	f.Add("s3cr3t-t0ken", "Bearer s3cr3t-t0ken", "x")
	f.Add("aaaa", "aaaaaaaaa", "")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if len(secret) < 4 || strings.Contains("\x00<secret>", secret) {
			return
		}
		redactor := channellog.NewRedactor(struct{ S channels.Secret }{channels.Secret(secret)})
		if got := redactor.Redact(before + secret + after); strings.Contains(strings.ReplaceAll(got, "<secret>", "\x00"), secret) {
			t.Errorf("%q is shown in %q", secret, got)
		}
	})
}
