package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

const (
	// childDir names the variable with the directory of the child process.
	childDir = "MANYVOX_CRASH_DIR"

	// conversations is how many the child writes in; each has one producer.
	conversations = 16

	// childTimeout is how long a child may take to store its first message.
	childTimeout = 3 * time.Minute
)

// runChild stores messages and runs their turns until its process is killed. It prints a
// line for each call once the call has returned: what the line says has to survive. A turn
// that is done leaves a part with the id of its message, by which the test knows it.
func runChild(dir string) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, dir, sqlite.Options{})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	errs := make(chan error)
	for c := range conversations {
		go func() { errs <- post(ctx, s, c) }()
		go func() { errs <- run(ctx, s) }()
	}
	go func() { errs <- askMessages(ctx, s) }()
	fmt.Println("error", <-errs)
}

func post(ctx context.Context, s *sqlite.Store, c int) error {
	for n := time.Now().UnixNano(); ; n++ { // above those of earlier rounds
		sender, id := "sender"+strconv.Itoa(c), strconv.FormatInt(n, 10)
		if _, err := s.Enqueue(ctx, entryOf(sender, id, "text")); err != nil {
			return err
		}
		fmt.Printf("stored %s/%s 0\n", sender, id)
	}
}

func run(ctx context.Context, s *sqlite.Store) error {
	for i := 0; ; i++ {
		turn, err := s.Next(ctx)
		if err != nil {
			return err
		}
		m := turn.Message
		fmt.Printf("begun %s/%s %d\n", m.Sender, m.ID, turn.Attempt)
		step := journal.Step{End: ended(journal.OutcomeRetry)}
		if i%5 != 0 {
			step = journal.Step{
				End:    ended(journal.OutcomeDone),
				Parts:  []channels.Part{{ID: m.ID, Channel: m.Channel, Sender: m.Sender}},
				Events: []channels.Event{replyTo(m)},
			}
		}
		if err := s.Settle(ctx, turn.Claim, step); err != nil {
			return err
		}
		if step.Parts != nil {
			fmt.Printf("done %s/%s 0\n", m.Sender, m.ID)
		}
	}
}

func replyTo(m channels.Message) channels.Event {
	return channels.Event{
		Kind: channels.EventReply, Channel: m.Channel, Sender: m.Sender, MessageID: m.ID, Time: time.Now(),
		Replies: []channels.Reply{{Text: m.Text}},
	}
}

// askMessages begins turns of asked messages, settles each in two steps, and prints the
// newest cursor.
func askMessages(ctx context.Context, s *sqlite.Store) error {
	for n := time.Now().UnixNano(); ; n++ {
		e := entryOf("asker", strconv.FormatInt(n, 10), "text")
		a, _, err := s.Begin(ctx, journal.Lock{}, e, []byte("digest"))
		if err != nil {
			return err
		}
		fmt.Printf("asked asker/%s 0\n", e.Message.ID)
		step := journal.Step{Shown: true, Events: []channels.Event{replyTo(e.Message)}}
		if err := s.SettleAsk(ctx, a, step); err != nil {
			return err
		}
		fmt.Printf("asked asker/%s 1\n", e.Message.ID)
		step.End = ended(journal.OutcomeDone)
		if err := s.SettleAsk(ctx, a, step); err != nil {
			return err
		}
		newest, err := s.Newest(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("asked asker/%s 2\nnewest is %d\n", e.Message.ID, newest)
	}
}

// childOutput is what a child has printed.
type childOutput struct {
	stored, done map[string]bool
	// begun are the attempts, by message.
	begun map[string]int
	// asked is how many steps of an asked message were committed, newest the highest
	// cursor.
	asked  map[string]int
	newest int
}

func startChild(t *testing.T, dir string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// runAndKill starts a child, kills it a while after it has stored its first message, however
// slow the machine was until then, and returns what it printed.
func runAndKill(t *testing.T, dir string, after time.Duration) childOutput {
	t.Helper()
	cmd, out := startChild(t, dir)
	killer := time.AfterFunc(childTimeout, func() { cmd.Process.Kill() })
	defer killer.Stop()
	o := readOutput(t, out, func() { killer.Reset(after) })
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the child ends with %v, want it to be killed", err)
	}
	return o
}

// readOutput reads what a child prints until it ends. It calls begins when the child has
// stored its first message.
func readOutput(t *testing.T, out io.Reader, begins func()) childOutput {
	t.Helper()
	o := childOutput{stored: map[string]bool{}, done: map[string]bool{}, begun: map[string]int{}, asked: map[string]int{}}
	var once sync.Once
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var what, id string
		var attempt int
		if n, _ := fmt.Sscan(lines.Text(), &what, &id, &attempt); n < 3 {
			t.Logf("the child prints %q", lines.Text())
			continue
		}
		switch what {
		case "stored":
			once.Do(begins)
			o.stored[id] = true
		case "begun":
			o.begun[id] = attempt
		case "done":
			o.done[id] = true
		case "asked":
			o.asked[id] = attempt
		case "newest":
			o.newest = attempt
		}
	}
	return o
}
