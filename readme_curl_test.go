package manyvox_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

// TestReadmeCommands runs the curl and buf curl commands of README.md, in order,
// against a program that was started as make run starts it.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	needed(t, "curl")
	address := serve(t)
	want := []string{
		`{"status":"ok"}`,
		`[{"recipient_id":"me","text":"hello"}]`,
		`{"recipient_id":"me","text":"Two."}` + "\n",
		`"text": " piece 5"`,
		`"text":"hello"`,
	}
	commands := readmeCommands(t)
	if len(commands) != len(want) {
		t.Fatalf("README.md has %d commands, want %d: %q", len(commands), len(want), commands)
	}
	for i, command := range commands {
		command = strings.ReplaceAll(command, "localhost:5005", address)
		command = strings.Replace(command, "buf curl", "go tool -modfile=tools/go.mod buf curl", 1)
		out, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want[i]) {
			t.Errorf("%s\n%v: %s\nwant %s", command, err, out, want[i])
		}
	}
}

// readmeCommands returns what the blocks of shell ask a running service.
func readmeCommands(t *testing.T) (commands []string) {
	t.Helper()
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(read(t, "README.md"), -1) {
		for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", "")) {
			if strings.HasPrefix(line, "curl ") || strings.HasPrefix(line, "buf curl ") {
				commands = append(commands, strings.TrimSpace(line))
			}
		}
	}
	return commands
}

// needed skips a test whose program is missing here. In CI nothing may be missing.
func needed(t *testing.T, program string) {
	t.Helper()
	_, err := exec.LookPath(program)
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}

// serve starts the program on the embedded default and returns its address.
func serve(t *testing.T) string {
	t.Helper()
	p := cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: stores.Types()}
	return strings.TrimPrefix(cmdtest.Start(t, p, "", ""), "http://")
}
