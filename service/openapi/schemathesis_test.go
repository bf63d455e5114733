package openapi_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/openapi"
)

// schemathesis returns a command that calls a running program with what a description allows,
// and with what it does not, the same each time. The checks: no status of 5xx, no status, media
// type or JSON that the description does not have. Streams are left out: they do not end, and
// OpenAPI cannot say what is in them.
func schemathesis(t *testing.T, description, url string, args ...string) *exec.Cmd {
	t.Helper()
	program, err := exec.LookPath("schemathesis")
	if err != nil {
		program, err = filepath.Abs("../../.ci/schemathesis/bin/schemathesis")
		if err == nil {
			_, err = os.Stat(program)
		}
	}
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal("no schemathesis on this machine: pip install schemathesis")
	case err != nil:
		t.Skip("no schemathesis on this machine")
	}
	settings, err := filepath.Abs("testdata/schemathesis.toml")
	if err != nil {
		t.Fatal(err)
	}
	all := append([]string{
		"--no-color", "--config-file", settings, "run", description, "--url", url, "--phases", "examples,coverage,fuzzing",
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
		"--generation-deterministic", "--seed", "1", "--max-examples", "20", "--header", "Authorization: Bearer open-sesame",
	}, args...)
	c := exec.CommandContext(t.Context(), program, all...)
	c.Dir, c.Env = t.TempDir(), append(os.Environ(), "PYTHONPATH=")
	return c
}

// serve runs Manyvox with the echo agent until the test ends.
func serve(t *testing.T) (url string) {
	t.Helper()
	p := cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{memory.Type()}}
	return cmdtest.Start(t, p, "rest:", "agent: {type: echo, pause: 1ms}", "--auth-token", "open-sesame")
}

// TestSchemathesis calls every route but streams, thousands of times.
func TestSchemathesis(t *testing.T) {
	t.Parallel()
	url := serve(t)
	out, err := schemathesis(t, url+"/openapi.json", url, "--exclude-operation-id-regex", "ReceiveStream|Watch|Subscribe").CombinedOutput()
	all := 0
	for _, methods := range read(t).Paths {
		all += len(methods)
	}
	if err != nil || !strings.Contains(string(out), fmt.Sprintf("Selected: %d/%d", all-5, all-1)) { // where the description is, is not called again
		t.Errorf("schemathesis: %v\n%s", err, out)
	}
}

// TestSchemathesisFinds takes a status out of the description: schemathesis sees it.
func TestSchemathesisFinds(t *testing.T) {
	t.Parallel()
	url := serve(t)
	const status = `"400": {
      "$ref": "#/components/responses/connect400"
     },`
	if !bytes.Contains(openapi.Document, []byte(status)) {
		t.Fatal("the description has no status 400")
	}
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, bytes.ReplaceAll(openapi.Document, []byte(status), nil), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := schemathesis(t, file, url, "--include-operation-id", "ChannelService_Stop").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Undocumented status code") {
		t.Errorf("the status is not missed: %v\n%s", err, out)
	}
}
