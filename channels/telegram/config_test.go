package telegram_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/config"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

// rasa is the block of Rasa's documentation.
const rasa = `access_token: "490161424:AAGlRxinBRtKGb21_rlOEMtDFZMXBl6EC0o"
verify: "your_bot"
webhook_url: "https://your_url.com/webhooks/telegram/webhook"`

func load(block string) error {
	b, err := config.Parse("credentials.yml", []byte(block), nil)
	if err != nil {
		return err
	}
	c := typ().New()
	if err := b.Decode(c); err != nil {
		return err
	}
	return c.Validate()
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]string{
		"Rasa's example": rasa, "the example": typ().Example, "a server of one's own": polling + "\napi_base_url: http://localhost:8081/",
		"a secret of one's own": webhook + "\nsecret_token: abc_DEF-1",
	} {
		if err := load(block); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, x := range []struct{ name, block, want string }{
		{"no token", "verify: a", "access_token: required"},
		{"a token that is none", "access_token: a/b", "access_token: expected"},
		{"webhook_url", polling + "\nwebhook_url: bot.example", "webhook_url: expected an address"},
		{"webhook_url with a query", polling + "\nwebhook_url: https://bot.example/?a=1", "webhook_url: expected an address"},
		{"api_base_url", polling + "\napi_base_url: ftp://x", "api_base_url: expected an address"},
		{"secret_token", polling + "\nsecret_token: a b", "secret_token: expected 1 to 256"},
		{"groups", polling + "\ngroups: some", "groups: expected addressed, all or none"},
		{"streaming", polling + "\nstreaming: fast", `streaming: "fast" is none of draft, edit, off`},
	} {
		err := load(x.block)
		if err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

// TestMissing says how updates come.
func TestMissing(t *testing.T) {
	t.Parallel()
	for block, want := range map[string]int{polling: 1, webhook: 0} {
		if got := open(t, block).(channels.Incomplete).Missing(); len(got) != want {
			t.Errorf("%q", got)
		}
	}
}

// TestSecretToken is what Telegram shows when the block has one.
func TestSecretToken(t *testing.T) {
	t.Parallel()
	block := webhook + "\nsecret_token: mine"
	for shows, status := range map[string]int{"mine": 200, secret: 401} {
		if w := serve(t, block, nil, `{"update_id":1,"poll":{}}`, shown(shows)); w.Code != status {
			t.Errorf("%s: %d", shows, w.Code)
		}
	}
}

// TestKeys has each key of the block in the page.
func TestKeys(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/channels/telegram.md")
	if err != nil {
		t.Fatal(err)
	}
	block := reflect.TypeOf(typ().New()).Elem()
	for i := range block.NumField() {
		if key := block.Field(i).Tag.Get("yaml"); !strings.Contains(string(page), "\n| `"+key+"` | ") {
			t.Errorf("docs/channels/telegram.md has no key %q", key)
		}
	}
}

// TestCheck has `manyvox check` pass with the block of Rasa's documentation.
func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	credentials := filepath.Join(dir, "credentials.yml")
	if err := os.WriteFile(credentials, []byte("telegram:\n  "+strings.ReplaceAll(rasa, "\n", "\n  ")), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := cmd.Program{Channels: []channels.Type{typ()}, Agents: []agents.Type{echo.Type()}, Stores: stores.Types(), Stdout: &out, Stderr: &out}
	if code := p.Run(t.Context(), []string{"check", "--credentials", credentials, "--data-dir", filepath.Join(dir, "data")}); code != cmd.ExitOK {
		t.Errorf("exit code %d: %s", code, &out)
	}
}
