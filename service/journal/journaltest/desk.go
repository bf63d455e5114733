package journaltest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// window is how long the suite's messages are remembered.
	window = 48 * time.Hour
	// moment is how long the suite waits for what must not come, on the bubble's clock.
	moment = time.Millisecond
)

// desk is a store under test. Its methods end the test when the store fails.
type desk struct {
	*testing.T
	journal.Journal
	dir       string
	open      Open
	retention time.Duration
	corrupt   func(t testing.TB, j journal.Journal, row int64, outbox bool)
}

func (d *desk) shut() {
	d.Helper()
	if err := d.Close(); err != nil {
		d.Errorf("Close: %v", err)
	}
}

// reopen closes the store and opens it again.
func (d *desk) reopen() {
	d.Helper()
	d.shut()
	d.Journal = d.open(d.T, d.dir, d.retention)
}

// keep opens the store again with another retention.
func (d *desk) keep(retention time.Duration) {
	d.Helper()
	d.retention = retention
	d.reopen()
}

// message returns one of a sender on channel "web" that comes in now; its text is its id.
func message(sender, id string) channels.Message {
	return channels.Message{Channel: "web", Sender: sender, ID: id, Text: id, Received: time.Now()}
}

// part returns one for a sender on channel "web"; its text is its id.
func part(sender, id string) channels.Part {
	return channels.Part{Channel: "web", Sender: sender, ID: id, Reply: channels.Reply{Text: id}}
}

func entries(ms ...channels.Message) []journal.Entry {
	es := make([]journal.Entry, len(ms))
	for i, m := range ms {
		es[i] = journal.Entry{Message: m, Window: window}
	}
	return es
}

// put stores a sender's messages, which must be new.
func (d *desk) put(sender string, ids ...string) {
	d.Helper()
	for _, id := range ids {
		if fresh := d.enqueue(message(sender, id)); !fresh[0] {
			d.Fatalf("Enqueue says that %s of %s is not new", id, sender)
		}
	}
}

func (d *desk) enqueue(ms ...channels.Message) []bool {
	d.Helper()
	fresh, err := d.Enqueue(d.Context(), entries(ms...)...)
	if err != nil {
		d.Fatalf("Enqueue: %v", err)
	}
	return fresh
}

// next returns the next turn, which must be that of the message.
func (d *desk) next(id string) journal.Turn {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), moment)
	defer cancel()
	turn, err := d.Next(ctx)
	if err != nil {
		d.Fatalf("Next: %v, want message %s", err, id)
	}
	if turn.Message.ID != id {
		d.Fatalf("Next returns message %s, want %s", turn.Message.ID, id)
	}
	return turn
}

// turns returns the next turns by message, which may come in any order.
func (d *desk) turns(ids ...string) map[string]journal.Turn {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), moment)
	defer cancel()
	got := map[string]journal.Turn{}
	for range ids {
		turn, err := d.Next(ctx)
		if err != nil {
			d.Fatalf("Next: %v, want the messages %v", err, ids)
		}
		got[turn.Message.ID] = turn
	}
	slices.Sort(ids)
	d.same("messages", slices.Sorted(maps.Keys(got)), ids)
	return got
}

// noNext checks that no message is due.
func (d *desk) noNext() {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), moment)
	defer cancel()
	if turn, err := d.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		d.Fatalf("Next returns message %q and error %v, want it to wait", turn.Message.ID, err)
	}
}

// settle commits a step.
func (d *desk) settle(c journal.Claim, s journal.Step) {
	d.Helper()
	if err := d.Settle(d.Context(), c, s); err != nil {
		d.Fatalf("Settle: %v", err)
	}
}

// end commits the end of a turn.
func (d *desk) end(c journal.Claim, o journal.Outcome) {
	d.Helper()
	d.settle(c, journal.Step{End: &journal.End{Outcome: o, Reason: "because"}})
}

// retry commits that a turn is due again after a while.
func (d *desk) retry(c journal.Claim, after time.Duration) {
	d.Helper()
	d.settle(c, journal.Step{End: &journal.End{Outcome: journal.OutcomeRetry, At: time.Now().Add(after)}})
}

// say stores parts through a turn of their own, which is done then.
func (d *desk) say(sender string, ids ...string) {
	d.Helper()
	d.put(sender, "for "+ids[0])
	step := journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}}
	for _, id := range ids {
		step.Parts = append(step.Parts, part(sender, id))
	}
	d.settle(d.next("for "+ids[0]).Claim, step)
}

// nextPart returns the next delivery, which must be that of the part.
func (d *desk) nextPart(id string) journal.Delivery {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), moment)
	defer cancel()
	delivery, err := d.NextPart(ctx)
	if err != nil {
		d.Fatalf("NextPart: %v, want part %s", err, id)
	}
	if delivery.Part.ID != id {
		d.Fatalf("NextPart returns part %s, want %s", delivery.Part.ID, id)
	}
	return delivery
}

// deliveries returns the next deliveries by part, which may come in any order.
func (d *desk) deliveries(ids ...string) map[string]journal.Delivery {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), moment)
	defer cancel()
	got := map[string]journal.Delivery{}
	for range ids {
		delivery, err := d.NextPart(ctx)
		if err != nil {
			d.Fatalf("NextPart: %v, want the parts %v", err, ids)
		}
		got[delivery.Part.ID] = delivery
	}
	slices.Sort(ids)
	d.same("parts", slices.Sorted(maps.Keys(got)), ids)
	return got
}

// noPart checks that no part is due.
func (d *desk) noPart() {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), moment)
	defer cancel()
	if delivery, err := d.NextPart(ctx); !errors.Is(err, context.DeadlineExceeded) {
		d.Fatalf("NextPart returns part %q and error %v, want it to wait", delivery.Part.ID, err)
	}
}

func (d *desk) settlePart(c journal.Claim, o journal.PartOutcome) {
	d.Helper()
	if err := d.SettlePart(d.Context(), c, o); err != nil {
		d.Fatalf("SettlePart: %v", err)
	}
}

// dead returns the dead letters, which must be those of the messages and parts.
func (d *desk) dead(ids ...string) []journal.DeadLetter {
	d.Helper()
	return d.deadOn("", ids...)
}

// deadOn is dead of one channel.
func (d *desk) deadOn(channel string, ids ...string) []journal.DeadLetter {
	d.Helper()
	list, err := d.DeadLetters(d.Context(), channel, 0, 100)
	if err != nil {
		d.Fatalf("DeadLetters: %v", err)
	}
	var got []string
	for _, l := range list {
		if l.Message != nil {
			got = append(got, l.Message.ID)
		} else {
			got = append(got, l.Part.ID)
		}
	}
	d.same("dead letters", got, ids)
	return list
}

// replay puts dead letters back, all of which there must be.
func (d *desk) replay(list ...journal.DeadLetter) {
	d.Helper()
	ids := make([]int64, len(list))
	for i, l := range list {
		ids[i] = l.ID
	}
	n, err := d.Replay(d.Context(), ids...)
	if err != nil || n != len(ids) {
		d.Fatalf("Replay puts back %d of %d, error %v", n, len(ids), err)
	}
}

func (d *desk) depth(want journal.Depth) {
	d.Helper()
	if d.depths() != want {
		time.Sleep(time.Second) // it may be a second old
	}
	d.same("depth", d.depths(), want)
}

// depths is Depth without the disk's part.
func (d *desk) depths() journal.Depth {
	d.Helper()
	got, err := d.Depth(d.Context())
	if err != nil {
		d.Fatalf("Depth: %v", err)
	}
	got.Free = 0
	return got
}

func (d *desk) same(what string, got, want any) {
	d.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		d.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// is checks an error.
func (d *desk) is(call string, got, want error) {
	d.Helper()
	if !errors.Is(got, want) {
		d.Fatalf("%s returns error %v, want %v", call, got, want)
	}
}

// check notes an error of a call in another goroutine.
func (d *desk) check(call string, err error) {
	d.Helper()
	if err != nil {
		d.Errorf("%s: %v", call, err)
	}
}
