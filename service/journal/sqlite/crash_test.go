package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
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
	// victimDir names the variable with the directory of the process to be killed.
	victimDir = "MANYVOX_CRASH_DIR"
	// crashRounds names the variable with the number of kills; make crash sets it.
	crashRounds = "MANYVOX_CRASH_ROUNDS"

	// conversations is how many the victim writes in; each has one poster.
	conversations = 16
)

// victim stores messages and runs their turns until it is killed, and writes a line
// for each call once it has returned: what the line says has to survive. A turn that
// is done leaves a part with the id of its message, as evidence.
func victim(dir string) {
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
	go func() { errs <- inquire(ctx, s) }()
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

// inquire has messages asked, answers them in two steps, and tells the newest cursor.
func inquire(ctx context.Context, s *sqlite.Store) error {
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

// witness is what a victim has said.
type witness struct {
	stored, done map[string]bool
	begun        map[string]int
	// asked is how many steps of an asked message were committed, newest the highest
	// cursor.
	asked  map[string]int
	newest int
}

// patience is how long a victim may take to say anything.
const patience = 30 * time.Second

func startVictim(t *testing.T, dir string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// kill starts a victim, kills it a while after its first word, however slow the machine
// was until then, and returns what it said.
func kill(t *testing.T, dir string, after time.Duration) witness {
	t.Helper()
	cmd, out := startVictim(t, dir)
	killer := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer killer.Stop()
	w := listen(t, out, func() { killer.Reset(after) })
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the victim ends with %v, want it to be killed", err)
	}
	return w
}

func listen(t *testing.T, out io.Reader, begins func()) witness {
	t.Helper()
	w := witness{stored: map[string]bool{}, done: map[string]bool{}, begun: map[string]int{}, asked: map[string]int{}}
	var once sync.Once
	for lines := bufio.NewScanner(out); lines.Scan(); {
		once.Do(begins)
		var what, id string
		var attempt int
		if n, _ := fmt.Sscan(lines.Text(), &what, &id, &attempt); n < 3 {
			t.Logf("the victim says %q", lines.Text())
			continue
		}
		switch what {
		case "stored":
			w.stored[id] = true
		case "begun":
			w.begun[id] = attempt
		case "done":
			w.done[id] = true
		case "asked":
			w.asked[id] = attempt
		case "newest":
			w.newest = attempt
		}
	}
	return w
}

// TestCrash kills a process at work, again and again in the same directory, and
// checks that all it was told had happened has.
func TestCrash(t *testing.T) {
	t.Parallel()
	rounds := 4
	if n, err := strconv.Atoi(os.Getenv(crashRounds)); err == nil {
		rounds = n
	} else if testing.Short() {
		rounds = 1
	}
	dir := t.TempDir()
	stored, cursor := 0, int64(0)
	for range rounds {
		w := kill(t, dir, rand.N(300*time.Millisecond))
		stored += len(w.stored)
		cursor = inspect(t, dir, w, cursor)
	}
	if stored == 0 {
		t.Error("no victim stored anything")
	}
	t.Logf("%d messages in %d rounds", stored, rounds)
}

// inspect compares the store with what the victim said, and empties it. It returns the
// newest cursor.
func inspect(t *testing.T, dir string, w witness, cursor int64) int64 {
	t.Helper()
	s := mustOpen(t, dir)
	defer mustClose(t, s)
	inspectEvents(t, s, w, cursor)
	inspectAsked(t, s, w)
	waiting, answered := drain(t, s)
	for id := range w.stored {
		if _, waits := waiting[id]; waits == answered[id] {
			t.Errorf("message %s waits: %v, was answered: %v", id, waits, answered[id])
		}
	}
	for id := range w.done {
		if !answered[id] {
			t.Errorf("the answer of message %s is lost", id)
		}
	}
	for id, attempt := range w.begun {
		if again, waits := waiting[id]; waits && again <= attempt {
			t.Errorf("message %s is given out with attempt %d after %d", id, again, attempt)
		}
	}
	newest, err := s.Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return newest
}

// inspectEvents checks that each turn that began or ended has its event, once, and that
// cursors begin above those of the last round.
func inspectEvents(t *testing.T, s *sqlite.Store, w witness, cursor int64) {
	t.Helper()
	page, err := s.Events(t.Context(), journal.EventFilter{}, cursor, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if page.Next < int64(w.newest) {
		t.Errorf("the newest cursor is %d, and was %d", page.Next, w.newest)
	}
	times := map[string]int{}
	for _, e := range page.Events {
		if e.Cursor <= cursor {
			t.Errorf("cursor %d is used again after %d", e.Cursor, cursor)
		}
		cursor = e.Cursor
		times[string(e.Kind)+" "+e.Sender+"/"+e.MessageID]++
	}
	for id := range w.begun {
		if n := times["message "+id]; n != 1 {
			t.Errorf("message %s has %d events", id, n)
		}
	}
	for id := range w.done {
		if n := times["reply "+id]; n != 1 {
			t.Errorf("the answer of message %s has %d events", id, n)
		}
	}
}

// inspectAsked checks that no turn goes on, and that what was shown is known.
func inspectAsked(t *testing.T, s *sqlite.Store, w witness) {
	t.Helper()
	for id, steps := range w.asked {
		known, err := s.Recall(t.Context(), journal.Key{Channel: "web", Sender: "asker", ID: id[len("asker/"):]})
		if err != nil || known == nil {
			t.Errorf("asked message %s is lost, error %v", id, err)
			continue
		}
		switch known.State {
		case journal.StateFailed:
			if steps > 0 || len(known.Replies) > 0 {
				t.Errorf("asked message %s failed after %d steps: %+v", id, steps, known)
			}
		case journal.StateInterrupted:
			if steps > 1 || len(known.Replies) != 1 {
				t.Errorf("asked message %s was interrupted after %d steps: %+v", id, steps, known)
			}
		case journal.StateDone:
			if len(known.Replies) != 2 {
				t.Errorf("asked message %s is done: %+v", id, known)
			}
		default:
			t.Errorf("asked message %s is %q", id, known.State)
		}
	}
}

// drain takes out the turns, with their attempts, and the parts, and checks the order
// of each in its conversation.
func drain(t *testing.T, s *sqlite.Store) (waiting map[string]int, answered map[string]bool) {
	t.Helper()
	s.OpenOutbox("web")
	d, err := s.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	waiting, answered = map[string]int{}, map[string]bool{}
	last := map[string]string{}
	for range d.Outbox {
		part, err := s.NextPart(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answered[inOrder(t, last, part.Part.Sender, part.Part.ID)] = true
		if err := s.SettlePart(t.Context(), part.Claim, journal.PartOutcome{Sent: true}); err != nil {
			t.Fatal(err)
		}
	}
	for range d.Inbox {
		turn, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		waiting[inOrder(t, last, turn.Message.Sender, turn.Message.ID)] = turn.Attempt
		if err := s.Settle(t.Context(), turn.Claim, journal.Step{End: ended(journal.OutcomeDone)}); err != nil {
			t.Fatal(err)
		}
	}
	return waiting, answered
}

// inOrder returns the message's name and checks that its number, whose length does not
// change, is above the last of its conversation.
func inOrder(t *testing.T, last map[string]string, sender, id string) string {
	t.Helper()
	if id <= last[sender] {
		t.Errorf("message %s of %s comes after %s", id, sender, last[sender])
	}
	last[sender] = id
	return sender + "/" + id
}
