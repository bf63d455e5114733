package webhook_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/webhook"
	"github.com/manyvox/manyvox/channels"
)

// needLibrary skips a test that cannot run here. In CI nothing may be missing.
func needLibrary(t *testing.T) {
	t.Helper()
	missing := ""
	if _, err := os.Stat("clients/node_modules/standardwebhooks"); err != nil {
		missing = "no node_modules: run npm ci in agents/webhook/clients"
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing = "no node on this machine"
	}
	switch {
	case missing != "" && os.Getenv("CI") == "true":
		t.Fatal(missing)
	case missing != "":
		t.Skip(missing)
	}
}

// TestDocs runs the server of the page as it stands there. It verifies our signature by the
// published library of Standard Webhooks.
func TestDocs(t *testing.T) {
	t.Parallel()
	needLibrary(t)
	page, err := os.ReadFile("../../docs/agents/webhook.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```js\n// server.mjs\n")
	script, _, ended := strings.Cut(rest, "```\n")
	if !found || !ended {
		t.Fatal("the page has no server.mjs")
	}
	url := node(t, script)
	for _, c := range []struct {
		name   string
		secret channels.Secret
		want   []string
		err    string
	}{
		{"signed", secret, []string{"You said: Grüße <&>"}, ""},
		{"without the prefix", channels.Secret(secret[len("whsec_"):]), []string{"You said: Grüße <&>"}, ""},
		{"another key", "whsec_b3RoZXIga2V5IG9mIHRoZSB0ZXN0cyBoZXJl", nil, "agent webhook: the server answered 401 Unauthorized: check secret and headers"},
		{"not signed", "", nil, "agent webhook: the server answered 401 Unauthorized: check secret and headers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rec := &agenttest.Recorder{}
			a := open(t, url, func(conf *webhook.Config) { conf.Secret = c.secret })
			err := a.Answer(t.Context(), agenttest.Turn("ann", "Grüße <&>"), rec)
			if diff := cmp.Diff(append([]string{}, c.want...), rec.Texts()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}

// node runs a server beside the library, and returns its URL.
func node(t *testing.T, script string) (url string) {
	t.Helper()
	dir, err := filepath.Abs("clients")
	if err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", script)
	server.Dir, server.Stderr = dir, t.Output()
	server.Env = append(os.Environ(), "PORT=0", "WEBHOOK_SECRET="+secret)
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}
