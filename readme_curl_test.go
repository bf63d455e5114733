package manyvox_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
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
	listening := make(chan string, 1)
	p := cmd.Program{
		Channels: channels.Types(), Agents: agents.Types(), Stores: stores.Types(),
		Stdout: t.Output(), Stderr: t.Output(), Listening: func(a net.Addr) { listening <- a.String() },
	}
	ctx, stop := context.WithCancel(context.Background())
	exited := make(chan int, 1)
	go func() {
		exited <- p.Run(ctx, []string{"run", "--interface", "127.0.0.1", "--port", "0", "--data-dir", t.TempDir()})
	}()
	t.Cleanup(func() { stop(); <-exited })
	select {
	case address := <-listening:
		return address
	case <-time.After(10 * time.Second):
		t.Fatal("it does not listen")
		return ""
	}
}
