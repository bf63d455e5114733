package sqlite_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// contents is what a store holds.
type contents struct {
	waiting      map[string]journal.Turn
	waitingParts map[string]journal.Delivery
	dead         map[string]bool
	// known are the messages that the store does not take again.
	known map[string]bool
	// disorder is what is out of order or altered.
	disorder []string

	// last is the last id, by sender and kind.
	last map[string]string
}

// idOf returns an id that is unique among the messages of all senders.
func idOf(m *channels.Message) string { return m.Sender + "/" + m.ID }

// readContents opens the store in dir and takes out what it holds. It fails when the store
// does, or does not hold as much as Depth says.
func readContents(ctx context.Context, dir string, messages []string) (*contents, error) {
	ctx, cancel := context.WithTimeout(ctx, childTimeout)
	defer cancel()
	store, err := sqlite.Open(ctx, dir, sqlite.Options{LockWait: -1})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if err := store.Check(ctx); err != nil {
		return nil, err
	}
	// This copy need not survive, so it need not be synced.
	if err := store.Exec(ctx, "PRAGMA synchronous = OFF"); err != nil {
		return nil, err
	}
	c := &contents{
		waiting: map[string]journal.Turn{}, waitingParts: map[string]journal.Delivery{},
		dead: map[string]bool{}, known: map[string]bool{}, last: map[string]string{},
	}
	for _, take := range []func(context.Context, *sqlite.Store) error{c.takeDead, c.takeParts, c.takeTurns} {
		if err := take(ctx, store); err != nil {
			return nil, err
		}
	}
	return c, c.storeAgain(ctx, store, messages)
}

func (c *contents) takeDead(ctx context.Context, store *sqlite.Store) error {
	dead, err := store.DeadLetters(ctx, "", 0, 1_000_000)
	if err != nil {
		return err
	}
	for _, l := range dead {
		if l.Part != nil {
			c.dead[l.Part.ID] = true
		} else {
			c.dead[idOf(l.Message)] = true
		}
	}
	return c.checkDepth(ctx, store, func(d journal.Depth) (int, int) { return d.DeadLetters, len(c.dead) })
}

func (c *contents) takeParts(ctx context.Context, store *sqlite.Store) error {
	store.OpenOutbox(journaltest.Slots("web"))
	depth, err := store.Depth(ctx)
	if err != nil {
		return err
	}
	for range depth.Outbox {
		d, err := store.NextPart(ctx)
		if err != nil {
			return err
		}
		c.waitingParts[d.Part.ID] = d
		c.checkRow(d.Part.Sender, "part", d.Part.ID, d.Part.Reply.Text)
		if err := store.SettlePart(ctx, d.Claim, journal.PartOutcome{Sent: true}); err != nil {
			return err
		}
	}
	return c.checkDepth(ctx, store, func(d journal.Depth) (int, int) { return d.Outbox, 0 })
}

func (c *contents) takeTurns(ctx context.Context, store *sqlite.Store) error {
	depth, err := store.Depth(ctx)
	if err != nil {
		return err
	}
	for range depth.Inbox {
		turn, err := store.Next(ctx)
		if err != nil {
			return err
		}
		id := idOf(&turn.Message)
		c.waiting[id] = turn
		c.checkRow(turn.Message.Sender, "message", id, turn.Message.Text)
		if err := store.Settle(ctx, turn.Claim, journal.Step{End: ended(journal.OutcomeDone)}); err != nil {
			return err
		}
	}
	return c.checkDepth(ctx, store, func(d journal.Depth) (int, int) { return d.Inbox, 0 })
}

// checkDepth compares what Depth returns with what it should.
func (c *contents) checkDepth(ctx context.Context, store *sqlite.Store, of func(journal.Depth) (got, want int)) error {
	depth, err := store.Depth(ctx)
	if err != nil {
		return err
	}
	if got, want := of(depth); got != want {
		return fmt.Errorf("depth %+v holds %d, want %d", depth, got, want)
	}
	return nil
}

// checkRow records what is not as it was stored. The ids of a conversation rise.
func (c *contents) checkRow(sender, what, id, text string) {
	if last := c.last[sender+what]; id <= last {
		c.disorder = append(c.disorder, fmt.Sprintf("%s %s comes after %s", what, id, last))
	}
	c.last[sender+what] = id
	if text != textOf(id) {
		c.disorder = append(c.disorder, fmt.Sprintf("%s %s has another text", what, id))
	}
}

// storeAgain stores all messages again, to learn which keys are known.
func (c *contents) storeAgain(ctx context.Context, store *sqlite.Store, messages []string) error {
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
		c.known[id] = !fresh[i]
	}
	return nil
}

// ids returns the ids of all that the store holds, in order.
func (c *contents) ids() []string {
	ids := slices.Collect(maps.Keys(c.dead))
	ids = slices.AppendSeq(ids, maps.Keys(c.waiting))
	ids = slices.AppendSeq(ids, maps.Keys(c.waitingParts))
	slices.Sort(ids)
	return ids
}
