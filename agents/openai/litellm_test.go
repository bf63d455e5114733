package openai_test

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

// litellm starts LiteLLM's proxy, whose answers are its own, and returns its address. It takes
// ten seconds to start.
func litellm(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("litellm")
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal("no litellm on this machine: pip install 'litellm[proxy]'")
	case err != nil:
		t.Skip("no litellm on this machine")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().(*net.TCPAddr)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	proxy := exec.CommandContext(t.Context(), program, "--config", "peers/litellm.yaml", "--host", "127.0.0.1", "--port", strconv.Itoa(address.Port))
	proxy.Env = append(os.Environ(), "PYTHONPATH=", "LITELLM_TELEMETRY=False", "LITELLM_LOCAL_MODEL_COST_MAP=True")
	proxy.Cancel = func() error { return proxy.Process.Signal(os.Interrupt) }
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	proxy.Stdout, proxy.Stderr = in, in
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close() // the proxy has its own
	t.Cleanup(func() { _ = proxy.Wait(); _ = out.Close() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Uvicorn running on") {
			go func() { _, _ = io.Copy(io.Discard, out) }() // else the proxy stops once the pipe is full
			return "http://" + address.String()
		}
	}
	t.Fatal("litellm does not start")
	return ""
}

// TestLiteLLM answers from a proxy that many put in front of their models.
func TestLiteLLM(t *testing.T) {
	t.Parallel()
	address := litellm(t)
	for _, c := range []struct {
		model      string
		texts      []string
		code       channels.Code // of the error, if any
		notReached bool
	}{
		{model: "greeter", texts: []string{"Hello from **LiteLLM**."}},
		{model: "busy", code: channels.CodeOverloaded, notReached: true},
		{model: "broken", code: channels.CodeAgentFailed},
		{model: "small", code: channels.CodeTooLarge},
		{model: "unknown", code: channels.CodeFailedPrecondition},
	} {
		t.Run(c.model, func(t *testing.T) {
			t.Parallel()
			h := onLoopback(t, &fake{}, func(conf *openai.Config) { conf.BaseURL, conf.Model = address+"/v1", c.model })
			rec := &agenttest.Recorder{Shows: true}
			err := h.ask(t, rec)
			if diff := cmp.Diff(append([]string{}, c.texts...), rec.Texts()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			failed := c.code != channels.CodeInternal
			if (err != nil) != failed || failed && channels.AsError(err).Code != c.code || agents.IsNotReached(err) != c.notReached {
				t.Errorf("error %v, not reached %v", err, agents.IsNotReached(err))
			}
			if !failed && len(rec.Deltas) < 2 {
				t.Errorf("pieces %q", rec.Deltas)
			}
		})
	}
}
