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
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// childLive names the variable that has the child process grow parts.
const childLive = "MANYVOX_CRASH_LIVE"

// runLiveChild runs turns whose parts grow, and sends these, until its process is killed. It
// prints a line once a call has returned: what the line says has to survive. Of what leaves the
// outbox it prints a line before, too.
func runLiveChild(dir string) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, dir, sqlite.Options{})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	s.OpenOutbox(journaltest.Slots("web"))
	errs := make(chan error)
	for c := range conversations {
		go func() { errs <- post(ctx, s, c) }()
		go func() { errs <- growParts(ctx, s) }()
		go func() { errs <- sendGrown(ctx, s) }()
	}
	fmt.Println("error", <-errs)
}

// growParts runs turns that each begin a part with the message's id and complete it, but for
// every fifth, which ends before.
func growParts(ctx context.Context, s *sqlite.Store) error {
	for i := 0; ; i++ {
		turn, err := s.Next(ctx)
		if err != nil {
			return err
		}
		m := turn.Message
		part := channels.Part{ID: m.ID, Channel: m.Channel, Sender: m.Sender, Reply: channels.Reply{Text: "0"}}
		if err := s.Settle(ctx, turn.Claim, journal.Step{Begin: &part}); err != nil {
			return err
		}
		fmt.Printf("begun %s/%s 0\n", m.Sender, m.ID)
		time.Sleep(time.Duration(i%4) * time.Millisecond)
		step := journal.Step{End: ended(journal.OutcomeDone)}
		if i%5 != 0 {
			part.Reply.Text = "whole"
			step.Complete = &journal.Completion{ID: m.ID, Parts: []channels.Part{part}}
		}
		if err := s.Settle(ctx, turn.Claim, step); err != nil {
			return err
		}
		if step.Complete != nil {
			fmt.Printf("completed %s/%s 0\n", m.Sender, m.ID)
		}
	}
}

// sendGrown keeps how far parts have come, a number that rises, and sends those that grow no
// more.
func sendGrown(ctx context.Context, s *sqlite.Store) error {
	for {
		d, err := s.NextPart(ctx)
		if err != nil {
			return err
		}
		id := d.Part.Sender + "/" + d.Part.ID
		if d.Live == nil || !d.Live.Growing {
			fmt.Printf("sending %s 0\n", id)
			if err := s.SettlePart(ctx, d.Claim, journal.PartOutcome{Sent: true}); err != nil {
				return err
			}
			fmt.Printf("sent %s 0\n", id)
			continue
		}
		from, _ := strconv.Atoi(d.Part.Reply.Text) // it grows, so it is one
		for n := from + 1; n < from+4; n++ {
			d.Part.Reply.Text = strconv.Itoa(n)
			progress := journal.LiveProgress{Part: d.Part, Receipt: &channels.Receipt{ID: d.Part.ID}}
			if err := s.KeepLive(ctx, d.Claim, progress); err != nil {
				return err
			}
			fmt.Printf("kept %s %d\n", id, n)
		}
		if err := s.SettlePart(ctx, d.Claim, journal.PartOutcome{}); err != nil {
			return err
		}
	}
}

// liveOutput is what such a child has printed, by the part.
type liveOutput struct {
	begun, completed, sending, sent map[string]bool
	// kept is how far a part has come.
	kept map[string]int
}

// growAndKill starts such a child, kills it a while after its first part has begun, and returns
// what it printed.
func growAndKill(t *testing.T, dir string, after time.Duration) liveOutput {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childLive+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killer := time.AfterFunc(childTimeout, func() { cmd.Process.Kill() })
	defer killer.Stop()
	o := readLiveOutput(t, out, func() { killer.Reset(after) })
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the child ends with %v, want it to be killed", err)
	}
	return o
}

func readLiveOutput(t *testing.T, out io.Reader, begins func()) liveOutput {
	t.Helper()
	o := liveOutput{
		begun: map[string]bool{}, completed: map[string]bool{}, sending: map[string]bool{}, sent: map[string]bool{},
		kept: map[string]int{},
	}
	said := map[string]map[string]bool{
		"begun": o.begun, "completed": o.completed, "sending": o.sending, "sent": o.sent, "stored": {},
	}
	var once sync.Once
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var what, id string
		var n int
		if found, _ := fmt.Sscan(lines.Text(), &what, &id, &n); found < 3 || said[what] == nil && what != "kept" {
			t.Logf("the child prints %q", lines.Text())
			continue
		}
		if what == "kept" {
			o.kept[id] = n
			continue
		}
		said[what][id] = true
		if what == "begun" {
			once.Do(begins)
		}
	}
	return o
}
