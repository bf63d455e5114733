package telegram_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/telegram"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
	"github.com/manyvox/manyvox/cmd"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

// childDir names the environment variable that makes the test's binary a program to be
// killed. Its value is the program's directory.
const childDir = "MANYVOX_TELEGRAM_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" { // this process is a child of a test
		os.Exit(runChild(dir))
	}
	goleak.VerifyTestMain(m)
}

// runChild is the program in a child process.
func runChild(dir string) int {
	p := cmd.Program{
		Channels: []channels.Type{telegram.Type()}, Agents: []agents.Type{echo.Type(), tellerType()}, Stores: stores.Types(),
		Stdout: os.Stdout, Stderr: os.Stderr,
	}
	return p.Run(context.Background(), []string{
		"run", "--interface", "127.0.0.1", "--port", "0", "--data-dir", dir,
		"--credentials", filepath.Join(dir, "credentials.yml"), "--endpoints", filepath.Join(dir, "endpoints.yml"),
	})
}

// tellerType is an agent that tells a long answer in pieces.
func tellerType() agents.Type {
	return agents.Type{Name: "teller", New: func() agents.Config { return &tellerConfig{} }}
}

type tellerConfig struct{}

func (*tellerConfig) Validate() error { return nil }

func (*tellerConfig) Open(agents.Env) (agents.Agent, error) {
	return agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		source, _ := answerOf()
		return tell(ctx, r, source, 150, 60*time.Millisecond)
	}), nil
}

// tell gives a text in pieces.
func tell(ctx context.Context, r channels.Replier, source string, size int, pause time.Duration) error {
	for rest := source; rest != ""; {
		piece := channels.UnitRunes.Prefix(rest, size)
		if err := channels.DeltaIn(ctx, r, channels.FormatMarkdown, piece); err != nil {
			return err
		}
		rest = rest[len(piece):]
		time.Sleep(pause)
	}
	return r.Reply(ctx, channels.Reply{Text: source, Format: channels.FormatMarkdown})
}

// start starts the program. Kill ends it at once.
func start(t *testing.T, dir string) (kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(context.WithoutCancel(t.Context()), self)
	c.Env = append(os.Environ(), childDir+"="+dir)
	c.Stdout, c.Stderr = t.Output(), t.Output()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		c.Process.Kill()
		c.Wait() // says how it was killed
	}
	t.Cleanup(kill)
	return kill
}

// programDir returns the directory of a program whose bot is on a fake.
func programDir(t *testing.T, url, block, agent string) string {
	t.Helper()
	dir := t.TempDir()
	yaml := strings.ReplaceAll(polling+"\napi_base_url: "+url+block, "\n", "\n  ")
	for name, text := range map[string]string{"credentials.yml": "telegram:\n  " + yaml + "\n", "endpoints.yml": "agent: {type: " + agent + "}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// rounds is how often a program is killed.
func rounds(few int) int {
	if n, err := strconv.Atoi(os.Getenv("MANYVOX_CRASH_ROUNDS")); err == nil {
		return n
	}
	return few
}

// TestCrashBurst kills the program in the middle of a burst. Each message is answered at least
// once and in order, and twice at most where the kill met the answer, of which a conversation
// has one under way.
func TestCrashBurst(t *testing.T) {
	t.Parallel()
	const chats, each = 50, 4
	kills := rounds(2)
	s, url := fake(t, telegramtest.Options{Rates: true})
	dir := programDir(t, url, "", "echo")
	kill := start(t, dir)
	for i := range each {
		for chat := range int64(chats) {
			s.Say(5000+chat, fmt.Sprint("n", i))
		}
	}
	for n := range min(kills, 5) {
		await(t, s, "some are answered", func() bool { return len(s.Calls("sendMessage")) >= (n+1)*25 })
		kill()
		kill = start(t, dir)
	}
	last := fmt.Sprint("n", each-1)
	await(t, s, "all are answered", func() bool {
		for chat := range int64(chats) {
			c := s.Chat(5000 + chat)
			if texts := c.Texts(); len(texts) == 0 || texts[len(texts)-1] != last {
				return false
			}
		}
		return true
	})
	for chat := range int64(chats) {
		c := s.Chat(5000 + chat)
		texts := c.Texts()
		if once := slices.Compact(slices.Clone(texts)); len(once) != each || !slices.IsSorted(once) || len(texts) > each+min(kills, 5) {
			t.Errorf("chat %d: %q", chat, texts)
		}
	}
}

// TestCrashRollOver kills the program while an answer goes on in its second message. What the
// reader sees is the beginning of the answer, each piece once, and then on_failure.
func TestCrashRollOver(t *testing.T) {
	t.Parallel()
	_, seen := answerOf()
	s, url := fake(t, telegramtest.Options{})
	dir := programDir(t, url, "\nstreaming: edit\non_failure: sorry", "teller")
	for n := range rounds(3) {
		chat := int64(6000 + n)
		kill := start(t, dir)
		s.Say(chat, "tell")
		await(t, s, "the answer rolls over", func() bool { c := s.Chat(chat); return len(c.Texts()) >= 2 })
		kill()
		kill = start(t, dir)
		var texts []string
		await(t, s, "the end", func() bool {
			c := s.Chat(chat)
			texts = c.Texts()
			return texts[len(texts)-1] == "sorry"
		})
		kill()
		checkPieces(t, seen, texts[:len(texts)-1])
	}
}

// checkPieces checks that texts are the beginning of what is seen, each where the one before
// ends. One may be there twice, as a kill within Open leaves it.
func checkPieces(t *testing.T, seen string, texts []string) {
	t.Helper()
	start, end, twice := 0, 0, 0
	for i, text := range texts {
		text = strings.TrimSpace(strings.ReplaceAll(text, "*", "")) // a sign that the kill has left without its pair
		gap := len(seen[end:]) - len(strings.TrimLeft(seen[end:], " \n"))
		switch {
		case strings.HasPrefix(seen[end+gap:], text):
			start, end = end+gap, end+gap+len(text)
		case i > 0 && strings.HasPrefix(seen[start:], text):
			twice++
			end = start + len(text)
		default:
			t.Errorf("message %d of %d is not the next piece: %.60q, behind %q", i, len(texts), text, seen[max(0, end-60):end])
		}
	}
	if twice > 1 {
		t.Errorf("%d messages are there twice", twice)
	}
}
