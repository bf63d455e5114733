package telegram_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/telegram"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/service/instance"
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

// program is the program in a child process, which a test kills.
type program struct {
	dir string
	log *programLog
	// kill ends it at once.
	kill func()
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

// marks counts, by the conversation's hash, how often the log says that a part may be shown twice.
func (l *programLog) marks() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := map[string]int{}
	for line := range strings.Lines(l.text.String()) {
		if _, rest, marked := strings.Cut(line, "part may be shown twice"); marked {
			_, hash, _ := strings.Cut(rest, "conversation")
			n[strings.Trim(hash, `=": `)[:16]]++
		}
	}
	return n
}

var listening = regexp.MustCompile(`"listening".*?localhost(:\d+)`)

// dial connects to the program that runs, whatever the address.
func (l *programLog) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	l.mu.Lock()
	found := listening.FindAllSubmatch(l.text.Bytes(), -1)
	l.mu.Unlock()
	if found == nil {
		return nil, errors.New("no program listens yet")
	}
	return new(net.Dialer).DialContext(ctx, network, "127.0.0.1"+string(found[len(found)-1][1]))
}

// start starts the program again.
func (p *program) start(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(context.WithoutCancel(t.Context()), self)
	c.Env = append(os.Environ(), childDir+"="+p.dir)
	c.Stdout, c.Stderr = t.Output(), io.MultiWriter(t.Output(), p.log)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p.kill = func() {
		c.Process.Kill()
		c.Wait() // says how it was killed
	}
	t.Cleanup(p.kill)
}

// start starts a program in a directory.
func start(t *testing.T, dir string) *program {
	t.Helper()
	p := &program{dir: dir, log: &programLog{}}
	p.start(t)
	return p
}

// checkMarked compares what a reader of a chat sees twice with what the log has marked: each is
// marked, and there is one at most for each kill.
func checkMarked(t *testing.T, p *program, chat int64, repeated, kills int) {
	t.Helper()
	c := channels.Conversation{Channel: "telegram", Sender: strconv.FormatInt(chat, 10)}
	marks := p.log.marks()[instance.ConversationHash(c).LogValue().String()]
	if repeated > marks || marks > kills {
		t.Errorf("chat %d: %d messages are there twice, %d are marked, in %d kills", chat, repeated, marks, kills)
	}
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

// TestCrashBurst kills the program in the middle of a burst of 500 events, of which every third is
// delivered twice. Each is answered at least once and in order, and twice at most where the kill
// met the answer, of which a conversation has one under way. The log marks what may be there twice.
func TestCrashBurst(t *testing.T) {
	t.Parallel()
	const chats, each = 50, 10
	kills := min(rounds(2), 5)
	for _, how := range []string{"polling", "webhook"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			lose := func(update int64, n int) bool { return update%3 == 0 && n == 1 }
			log := &programLog{}
			s, url := fake(t, telegramtest.Options{
				Rates: true, Lose: lose, Dial: log.dial, Pause: func(int) time.Duration { return 10 * time.Millisecond },
			})
			p := &program{dir: programDir(t, url, delivered(how), "echo"), log: log}
			p.start(t)
			for i := range each {
				for chat := range int64(chats) {
					s.Say(5000+chat, fmt.Sprint("n", i))
				}
			}
			for n := range kills {
				await(t, s, "some are answered", func() bool { return len(s.Calls("sendMessage")) >= (n+1)*chats*each/(kills+1) })
				p.kill()
				p.start(t)
			}
			last := fmt.Sprint("n", each-1)
			awaitWithin(t, s, 2*time.Minute, "all are answered", func() bool {
				for chat := range int64(chats) {
					c := s.Chat(5000 + chat)
					if texts := c.Texts(); len(texts) == 0 || texts[len(texts)-1] != last {
						return false
					}
				}
				return true
			})
			p.kill()
			for chat := range int64(chats) {
				c := s.Chat(5000 + chat)
				texts := c.Texts()
				if once := slices.Compact(slices.Clone(texts)); len(once) != each || !slices.IsSorted(once) {
					t.Errorf("chat %d: %q", chat, texts)
				}
				checkMarked(t, p, 5000+chat, len(texts)-each, kills)
			}
		})
	}
}

// delivered returns the keys of a bot whose updates come so.
func delivered(how string) string {
	if how == "polling" {
		return ""
	}
	return "\nwebhook_url: http://bot.test/webhooks/telegram/webhook"
}

// TestCrashRollOver kills the program while an answer goes on in its second message, or draft. What
// the reader sees is the beginning of the answer, each piece once but for the one that the kill met,
// which is marked, and then on_failure.
func TestCrashRollOver(t *testing.T) {
	t.Parallel()
	_, seen := answerOf()
	for streaming, shown := range map[string]int{"edit": 2, "draft": 1} {
		t.Run(streaming, func(t *testing.T) {
			t.Parallel()
			s, url := fake(t, telegramtest.Options{})
			dir := programDir(t, url, "\non_failure: sorry\nstreaming: "+streaming, "teller")
			for n := range rounds(3) {
				chat := int64(6000 + n)
				p := start(t, dir)
				s.Say(chat, "tell")
				await(t, s, "the answer rolls over", func() bool { c := s.Chat(chat); return len(c.Texts()) >= shown })
				p.kill()
				p.start(t)
				var texts []string
				await(t, s, "the end", func() bool {
					c := s.Chat(chat)
					texts = c.Texts()
					return texts[len(texts)-1] == "sorry"
				})
				p.kill()
				checkMarked(t, p, chat, checkPieces(t, seen, texts[:len(texts)-1]), 1)
			}
		})
	}
}

// checkPieces checks that texts are the beginning of what is seen, each where the one before
// ends. It returns how many are there twice: one may be, as a kill within Open leaves it.
func checkPieces(t *testing.T, seen string, texts []string) (twice int) {
	t.Helper()
	start, end := 0, 0
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
	return twice
}
