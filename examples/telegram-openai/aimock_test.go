package telegramopenai_test

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// aimock starts the published mock of the API and returns its address. A test that cannot run
// here is skipped. In CI nothing may be missing.
func aimock(t *testing.T) (url string) {
	t.Helper()
	const peers = "../../agents/openai/peers/"
	missing := ""
	if _, err := os.Stat(peers + "node_modules/@copilotkit/aimock"); err != nil {
		missing = "no node_modules: run npm ci in agents/openai/peers"
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
	mock := exec.CommandContext(t.Context(), "node", peers+"aimock.mjs")
	mock.Stderr = t.Output()
	in, err := mock.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := mock.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := mock.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = mock.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}
