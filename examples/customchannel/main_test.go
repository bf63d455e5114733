package main_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	customchannel "example.com/customchannel"

	agents "github.com/manyvox/manyvox/agents/builtin"
	builtin "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// The last step of docs/write-a-channel.md.
const (
	body   = `{"from":"ann","text":"/meta"}`
	header = `{"page":7}`
	answer = `[{"recipient_id":"ann","custom":{"page":7}}]`
)

// TestProgram runs the whole program with a credentials.yml of each name of the
// channel, and posts to it.
func TestProgram(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"myio", "addons.custom_channel.MyIO"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := start(t, name+":\n  username: user_name\n  another_parameter: some value\n") + "/webhooks/myio/webhook"
			if status, got := post(t, url, header); status != http.StatusOK || got != answer {
				t.Errorf("status %d: %s, want %s", status, got, answer)
			}
			if status, got := post(t, url+"?stream=true", header); got != strings.Trim(answer, "[]")+"\n" {
				t.Errorf("status %d: %s, want the line of %s", status, got, answer)
			}
			if status, got := post(t, url, "{"); status != http.StatusBadRequest {
				t.Errorf("status %d: %s, want 400 for metadata that is not JSON", status, got)
			}
		})
	}
}

// start runs the program until the test ends and returns its address.
func start(t *testing.T, credentials string) string {
	t.Helper()
	return cmdtest.Start(t, cmd.Program{
		Channels: append(builtin.Types(), customchannel.Type(), customchannel.TextlineType()), Agents: agents.Types(), Stores: []journal.Type{memory.Type()},
	}, credentials, "")
}

func post(t *testing.T, url, metadata string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Metadata", metadata)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}
