package slack_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/config"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

// rasa is the block of Rasa's documentation, with every key.
const rasa = `slack_channel: "CA003L0XZ"
slack_token: "xoxb-XXX"
slack_signing_secret: "YYY"
proxy: "http://myProxy.online"
slack_retry_reason_header: "x-slack-retry-reason"
slack_retry_number_header: "x-slack-retry-num"
errors_ignore_retry: None
use_threads: False
conversation_granularity: sender`

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
		"Rasa's example": rasa, "the example": typ().Example, "sockets": socket, "a fake": webhook + "\napi_base_url: http://localhost:8081/api/",
	} {
		if err := load(block); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, x := range []struct{ name, block, want string }{
		{"no token", "slack_signing_secret: a", "slack_token: required"},
		{"no secret", "slack_token: a", "slack_signing_secret: required"},
		{"a token that is none", `slack_token: "a b"`, "slack_token: expected a token"},
		{"an app token that is none", `app_token: "a b"`, "app_token: expected a token"},
		{"proxy", webhook + "\nproxy: s3cr3t@proxy", "proxy: expected an address"},
		{"api_base_url", webhook + "\napi_base_url: ftp://x", "api_base_url: expected an address"},
		{"conversation_granularity", webhook + "\nconversation_granularity: user", `conversation_granularity: "user" is none of sender, channel, thread`},
		{"streaming", webhook + "\nstreaming: fast", `streaming: "fast" is none of stream, edit, off`},
	} {
		err := load(x.block)
		if err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

// TestCheck has `manyvox check` pass with the block of Rasa's documentation.
func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	credentials := filepath.Join(dir, "credentials.yml")
	if err := os.WriteFile(credentials, []byte("slack:\n  "+strings.ReplaceAll(rasa, "\n", "\n  ")), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := cmd.Program{Channels: []channels.Type{typ()}, Agents: []agents.Type{echo.Type()}, Stores: stores.Types(), Stdout: &out, Stderr: &out}
	if code := p.Run(t.Context(), []string{"check", "--credentials", credentials, "--data-dir", filepath.Join(dir, "data")}); code != cmd.ExitOK {
		t.Errorf("exit code %d: %s", code, &out)
	}
}
