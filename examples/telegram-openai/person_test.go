package telegramopenai_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
)

// person uses the bot of this folder's files, whose Telegram is a fake.
type person struct {
	*telegramtest.Server
	t *testing.T
	// program is the address of Manyvox.
	program string
	// heard counts what the bot has said to the owner.
	heard int
}

// newPerson returns a person before the program runs.
func newPerson(t *testing.T) *person {
	t.Helper()
	p := &person{Server: telegramtest.New(telegramtest.Options{}), t: t}
	t.Cleanup(p.Close)
	return p
}

// run starts "manyvox run" in this folder, with what README.md says stands in the environment.
func (p *person) run(model, allowed string) {
	p.t.Helper()
	api := httptest.NewServer(p.Server)
	p.t.Cleanup(api.Close)
	for name, value := range map[string]string{
		"TELEGRAM_TOKEN": "9001:fake", "TELEGRAM_API": api.URL, "TELEGRAM_USER_ID": allowed,
		"OPENAI_API_KEY": "sk-owner", "OPENAI_BASE_URL": model + "/v1",
		"OPENAI_MODEL": "", "TRANSCRIBE_MODEL": "", // empty is the default
	} {
		p.t.Setenv(name, value)
	}
	p.program = cmdtest.Start(p.t, program(), "", "", "--operator-token", operatorToken)
}

// until waits for what the fake is to see.
func (p *person) until(what string, done func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), waitTimeout)
	defer cancel()
	if err := p.Wait(ctx, done); err != nil {
		p.t.Errorf("%s: %v: %+v", what, err, p.Calls())
	}
}

// hears waits for the bot's next message to the owner.
func (p *person) hears(want string) {
	p.t.Helper()
	p.heard++
	p.until(want, func() bool { c := p.Chat(owner); return len(c.Texts()) >= p.heard })
	c := p.Chat(owner)
	if diff := cmp.Diff(want, strings.Join(c.Texts()[min(p.heard-1, len(c.Texts())):], "|")); diff != "" {
		p.t.Errorf("-want +got:\n%s", diff)
	}
}

// log returns what "manyvox log telegram" prints.
func (p *person) log() string {
	p.t.Helper()
	var out bytes.Buffer
	reader := program()
	reader.Stdout, reader.Stderr = &out, p.t.Output()
	if code := reader.Run(p.t.Context(), []string{"log", "telegram", "--server", p.program, "--operator-token", operatorToken}); code != cmd.ExitOK {
		p.t.Errorf("manyvox log exits with %d", code)
	}
	return out.String()
}

// request asks the program, as its operator does for a GET and a stranger for a POST.
func (p *person) request(method, path, body string) (status int, answer string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.program+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if req.Header.Set("Content-Type", "application/json"); method == http.MethodGet {
		req.Header.Set("Authorization", "Bearer "+operatorToken)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}
