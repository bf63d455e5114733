package sqlite_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// survey is what a store holds.
type survey struct {
	waiting      map[string]journal.Turn
	waitingParts map[string]journal.Delivery
	dead         map[string]bool
	// known are the messages that the store does not take again.
	known    map[string]bool
	disorder []string

	last map[string]string
}

// nameOf names a message among those of all senders.
func nameOf(m *channels.Message) string { return m.Sender + "/" + m.ID }

// surveyOf opens the store in dir and takes out what it holds. It fails when the store
// does, or does not hold as much as it says.
func surveyOf(ctx context.Context, dir string, messages []string) (*survey, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	store, err := sqlite.Open(ctx, dir, sqlite.Options{LockWait: -1})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if err := store.Check(ctx); err != nil {
		return nil, err
	}
	// What becomes of this copy does not matter, and the disk is slow.
	if err := store.Exec(ctx, "PRAGMA synchronous = OFF"); err != nil {
		return nil, err
	}
	s := &survey{
		waiting: map[string]journal.Turn{}, waitingParts: map[string]journal.Delivery{},
		dead: map[string]bool{}, known: map[string]bool{}, last: map[string]string{},
	}
	for _, take := range []func(context.Context, *sqlite.Store) error{s.takeDead, s.takeParts, s.takeTurns} {
		if err := take(ctx, store); err != nil {
			return nil, err
		}
	}
	return s, s.ask(ctx, store, messages)
}

func (s *survey) takeDead(ctx context.Context, store *sqlite.Store) error {
	letters, err := store.DeadLetters(ctx, "", 0, 1_000_000)
	if err != nil {
		return err
	}
	for _, l := range letters {
		if l.Part != nil {
			s.dead[l.Part.ID] = true
		} else {
			s.dead[nameOf(l.Message)] = true
		}
	}
	return s.count(ctx, store, func(d journal.Depth) (int, int) { return d.DeadLetters, len(s.dead) })
}

func (s *survey) takeParts(ctx context.Context, store *sqlite.Store) error {
	store.OpenOutbox("web")
	depth, err := store.Depth(ctx)
	if err != nil {
		return err
	}
	for range depth.Outbox {
		d, err := store.NextPart(ctx)
		if err != nil {
			return err
		}
		s.waitingParts[d.Part.ID] = d
		s.see(d.Part.Sender, "part", d.Part.ID, d.Part.Reply.Text)
		if err := store.SettlePart(ctx, d.Claim, journal.PartOutcome{Sent: true}); err != nil {
			return err
		}
	}
	return s.count(ctx, store, func(d journal.Depth) (int, int) { return d.Outbox, 0 })
}

func (s *survey) takeTurns(ctx context.Context, store *sqlite.Store) error {
	depth, err := store.Depth(ctx)
	if err != nil {
		return err
	}
	for range depth.Inbox {
		turn, err := store.Next(ctx)
		if err != nil {
			return err
		}
		id := nameOf(&turn.Message)
		s.waiting[id] = turn
		s.see(turn.Message.Sender, "message", id, turn.Message.Text)
		if err := store.Settle(ctx, turn.Claim, journal.Step{End: ended(journal.OutcomeDone)}); err != nil {
			return err
		}
	}
	return s.count(ctx, store, func(d journal.Depth) (int, int) { return d.Inbox, 0 })
}

// count compares what the store says it holds with what it should.
func (s *survey) count(ctx context.Context, store *sqlite.Store, of func(journal.Depth) (got, want int)) error {
	depth, err := store.Depth(ctx)
	if err != nil {
		return err
	}
	if got, want := of(depth); got != want {
		return fmt.Errorf("depth %+v holds %d, want %d", depth, got, want)
	}
	return nil
}

// see notes what is not as it was stored. The names of a conversation rise.
func (s *survey) see(sender, what, id, text string) {
	if last := s.last[sender+what]; id <= last {
		s.disorder = append(s.disorder, fmt.Sprintf("%s %s comes after %s", what, id, last))
	}
	s.last[sender+what] = id
	if text != textOf(id) {
		s.disorder = append(s.disorder, fmt.Sprintf("%s %s has another text", what, id))
	}
}

// ask stores all messages again.
func (s *survey) ask(ctx context.Context, store *sqlite.Store, messages []string) error {
	var es []journal.Entry
	for _, id := range messages {
		sender, id, _ := strings.Cut(id, "/")
		es = append(es, entryOf(sender, id, ""))
	}
	fresh, err := store.Enqueue(ctx, es...)
	if err != nil {
		return err
	}
	for i, id := range messages {
		s.known[id] = !fresh[i]
	}
	return nil
}

// ids names all that the store holds.
func (s *survey) ids() []string {
	ids := slices.Collect(maps.Keys(s.dead))
	ids = slices.AppendSeq(ids, maps.Keys(s.waiting))
	ids = slices.AppendSeq(ids, maps.Keys(s.waitingParts))
	slices.Sort(ids)
	return ids
}
