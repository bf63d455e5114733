package slack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/service/instance"
	stores "github.com/manyvox/manyvox/service/journal/builtin"
)

// childDir names the environment variable that makes the test's binary a program to be
// killed. Its value is the program's directory.
const childDir = "MANYVOX_SLACK_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" { // this process is a child of a test
		os.Exit(runChild(dir))
	}
	goleak.VerifyTestMain(m)
}

// runChild is the program in a child process.
func runChild(dir string) int {
	p := cmd.Program{
		Channels: []channels.Type{typ()}, Agents: []agents.Type{echo.Type(), tellerType()}, Stores: stores.Types(),
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
	return telling(words(20_000), 300, 60*time.Millisecond), nil
}

// programLog is what the programs of a test have logged, one behind the other.
type programLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *programLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// marks counts how often the log says that a part of a sender's may be shown twice.
func (l *programLog) marks(sender string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	hash := instance.ConversationHash(channels.Conversation{Channel: "slack", Sender: sender}).LogValue().String()
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, "part may be shown twice") && strings.Contains(line, hash) {
			n++
		}
	}
	return n
}

// start starts the program, which logs to log. Kill ends it at once.
func start(t *testing.T, dir string, log *programLog) (kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(context.WithoutCancel(t.Context()), self)
	c.Env = append(os.Environ(), childDir+"="+dir)
	c.Stdout, c.Stderr = t.Output(), io.MultiWriter(t.Output(), log)
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

// programDir returns the directory of a program whose app is on a fake.
func programDir(t *testing.T, address, keys, agent string) string {
	t.Helper()
	dir := t.TempDir()
	yaml := strings.ReplaceAll(socket+"\napi_base_url: "+address+keys, "\n", "\n  ")
	for name, text := range map[string]string{"credentials.yml": "slack:\n  " + yaml + "\n", "endpoints.yml": "agent: {type: " + agent + "}\n"} {
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

// patient are options of a fake that delivers again soon, as long as it takes.
func patient() slacktest.Options {
	return slacktest.Options{Pause: func(int) time.Duration { return time.Second }}
}

// TestCrashBurst kills the program in the middle of a burst that comes by sockets, of which every
// third is delivered twice: of 500 events when it is killed often, as 5 a second are answered. Each
// is answered at least once and in order, but for what Slack has delivered again, behind others. It
// is answered twice at most where the kill met the answer, of which a conversation has one under
// way. The log marks what may be there twice.
func TestCrashBurst(t *testing.T) {
	t.Parallel()
	const people = 20
	kills, each := rounds(2), 4
	if kills > 2 {
		kills, each = min(kills, 5), 25
	}
	var delivered atomic.Int64
	o := patient()
	o.Lose = func(_ string, n int) bool { return n <= 1 && delivered.Add(1)%3 == 0 }
	s, address := fake(t, o)
	dir, log := programDir(t, address, "", "echo"), &programLog{}
	kill := start(t, dir, log)
	person := func(n int) string { return fmt.Sprintf("U1%02d", n) }
	for i := range each {
		for n := range people {
			p := s.Person(person(n))
			p.Say(p.DM(), fmt.Sprintf("n%02d", i))
		}
	}
	for n := range kills {
		waitFor(t, s, "some are answered", func() bool { return len(s.Calls("chat.postMessage")) >= (n+1)*12 })
		kill()
		kill = start(t, dir, log)
	}
	waitFor(t, s, "all are answered", func() bool {
		for n := range people {
			c := s.Chat(slacktest.DM(person(n)))
			if different(c.Texts()) < each {
				return false
			}
		}
		return true
	})
	kill()
	again := deliveredAgain(t, s)
	for n := range people {
		c := s.Chat(slacktest.DM(person(n)))
		texts := c.Texts()
		once := slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return again[person(n)+text] })
		if different(texts) != each || !slices.IsSorted(once) {
			t.Errorf("%s: %q", person(n), texts)
		}
		if marks := log.marks(person(n)); len(texts)-each > marks || marks > kills {
			t.Errorf("%s: %d messages are there twice, %d are marked, in %d kills", person(n), len(texts)-each, marks, kills)
		}
	}
}

// different counts the texts that are not the same.
func different(texts []string) int {
	return len(slices.Compact(slices.Sorted(slices.Values(texts))))
}

// deliveredAgain returns what was delivered more than once: the person with the text behind.
func deliveredAgain(t *testing.T, s *slacktest.Server) map[string]bool {
	t.Helper()
	again := map[string]bool{}
	for _, d := range s.Deliveries() {
		var body struct{ Event struct{ User, Text string } }
		if err := json.Unmarshal([]byte(d.Body), &body); err != nil {
			t.Fatal(err)
		}
		if d.Retry > 0 {
			again[body.Event.User+body.Event.Text] = true
		}
	}
	return again
}

// TestCrashRollOver kills the program while an answer goes on in its second stream. What the
// reader sees is the beginning of the answer, each piece once, and then on_failure.
func TestCrashRollOver(t *testing.T) {
	t.Parallel()
	s, address := fake(t, patient())
	dir := programDir(t, address, "\nuse_threads: true\non_failure: sorry", "teller")
	for n := range rounds(2) {
		ina := s.Person(fmt.Sprintf("U2%02d", n))
		log := &programLog{}
		kill := start(t, dir, log)
		ina.Say(ina.DM(), "tell")
		waitFor(t, s, "the answer rolls over", func() bool { c := s.Chat(ina.DM()); return len(c.Texts()) >= 2 })
		kill()
		kill = start(t, dir, log)
		var texts []string
		waitFor(t, s, "the end", func() bool {
			c := s.Chat(ina.DM())
			texts = c.Texts()
			return texts[len(texts)-1] == "sorry"
		})
		kill()
		checkPieces(t, seen(words(20_000)), texts[:len(texts)-1])
	}
}

// checkPieces checks that texts are the beginning of what is seen, each where the one before
// ends. One may be there twice, as a kill within Open leaves it.
func checkPieces(t *testing.T, whole string, texts []string) {
	t.Helper()
	from, end, twice := 0, 0, 0
	for i, text := range texts {
		text = seen(text)
		switch {
		case strings.HasPrefix(strings.TrimSpace(whole[end:]), text):
			from = end + len(whole[end:]) - len(strings.TrimSpace(whole[end:]))
			end = from + len(text)
		case i > 0 && strings.HasPrefix(whole[from:], text):
			twice++
			end = from + len(text)
		default:
			t.Errorf("message %d of %d is not the next piece: %.60q, behind %q", i, len(texts), text, whole[max(0, end-60):end])
		}
	}
	if twice > 1 {
		t.Errorf("%d messages are there twice", twice)
	}
}
