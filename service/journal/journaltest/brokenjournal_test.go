package journaltest_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// appendsFenced appends the events of a step although the claim was lost.
type appendsFenced struct{ journal.Journal }

func (j appendsFenced) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	err := j.Journal.Settle(ctx, c, s)
	if errors.Is(err, journal.ErrFenced) {
		err = errors.Join(err, j.AppendEvents(ctx, s.Events...))
	}
	return err
}

// repeatsMessageEvent appends a message's event with each attempt.
type repeatsMessageEvent struct{ journal.Journal }

func (j repeatsMessageEvent) Next(ctx context.Context) (journal.Turn, error) {
	turn, err := j.Journal.Next(ctx)
	if err == nil && turn.Attempt > 1 {
		err = j.AppendEvents(ctx, journal.MessageEvent(&turn.Message))
	}
	return turn, err
}

// joinsReplies returns the parts of all replies as one reply.
type joinsReplies struct{ journal.Journal }

func (j joinsReplies) Recall(ctx context.Context, k journal.Key) (*journal.Known, error) {
	known, err := j.Journal.Recall(ctx, k)
	if known != nil && len(known.Replies) > 1 {
		known.Replies = [][]channels.Reply{slices.Concat(known.Replies...)}
	}
	return known, err
}

// ignoresDigest begins a turn that failed anew also when the message says something else.
type ignoresDigest struct{ journal.Journal }

func (j ignoresDigest) Begin(ctx context.Context, s journal.Lock, e journal.Entry, digest []byte) (journal.Asked, *journal.Known, error) {
	asked, known, err := j.Journal.Begin(ctx, s, e, digest)
	if known != nil && known.State == journal.StateFailed {
		return j.Journal.Begin(ctx, s, e, known.Digest)
	}
	return asked, known, err
}

// stuckPages has a page's Next stand still when the filter lets nothing through.
type stuckPages struct{ journal.Journal }

func (j stuckPages) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Journal.Events(ctx, f, after, limit)
	if len(page.Events) == 0 {
		page.Next = after
	}
	return page, err
}

// hidesSwept does not say that events were deleted for their age.
type hidesSwept struct{ journal.Journal }

func (j hidesSwept) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Journal.Events(ctx, f, after, limit)
	if swept := (*journal.SweptError)(nil); errors.As(err, &swept) {
		return j.Journal.Events(ctx, f, swept.Oldest, limit)
	}
	return page, err
}

// neverChanged never says that there are newer events.
type neverChanged struct{ journal.Journal }

func (neverChanged) Changed() <-chan struct{} { return nil }

// changedTooEarly says that there are newer events before they can be read.
type changedTooEarly struct {
	journal.Journal
	changed chan chan struct{}
}

func newChangedTooEarly(j journal.Journal) changedTooEarly {
	h := changedTooEarly{j, make(chan chan struct{}, 1)}
	h.changed <- make(chan struct{})
	return h
}

func (j changedTooEarly) Changed() <-chan struct{} {
	changed := <-j.changed
	j.changed <- changed
	return changed
}

func (j changedTooEarly) AppendEvents(ctx context.Context, es ...channels.Event) error {
	close(<-j.changed)
	j.changed <- make(chan struct{})
	time.Sleep(time.Millisecond)
	return j.Journal.AppendEvents(ctx, es...)
}

// keepsEvents keeps the conversation's events when it forgets it.
type keepsEvents struct{ journal.Journal }

func (j keepsEvents) Forget(ctx context.Context, c channels.Conversation) (int, error) {
	history, _ := j.History(ctx, c, 99)
	n, err := j.Journal.Forget(ctx, c)
	return n, errors.Join(err, j.AppendEvents(ctx, history...))
}

// pushesAgain stores parts again when the push is repeated.
type pushesAgain struct{ journal.Journal }

func (j pushesAgain) Push(ctx context.Context, p journal.Push) (*journal.Known, error) {
	known, err := j.Journal.Push(ctx, p)
	if known != nil && known.Digest != nil {
		p.Key.ID, p.Events = p.Key.ID+"#"+time.Now().String(), nil
		_, err = j.Journal.Push(ctx, p)
	}
	return known, err
}

// skipsEvents leaves out every fifth event.
type skipsEvents struct{ journal.Journal }

func (j skipsEvents) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Journal.Events(ctx, f, after, limit)
	page.Events = slices.DeleteFunc(page.Events, func(e channels.Event) bool { return e.Cursor%5 == 0 })
	return page, err
}

// reversesPages lists the events of a page with the newest first.
type reversesPages struct{ journal.Journal }

func (j reversesPages) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Journal.Events(ctx, f, after, limit)
	slices.Reverse(page.Events)
	return page, err
}

// repeatsEvents has a page's Next stand one event too low.
type repeatsEvents struct{ journal.Journal }

func (j repeatsEvents) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Journal.Events(ctx, f, after, limit)
	if len(page.Events) > 1 {
		page.Next--
	}
	return page, err
}

// sharesMedia lets any message hold what another holds.
type sharesMedia struct{ journal.Journal }

func (j sharesMedia) HoldMedia(ctx context.Context, k journal.Key, life time.Duration, refs ...string) (string, error) {
	_, err := j.Journal.HoldMedia(ctx, k, life, refs...)
	return "", err
}

// losesMedia does not keep a stored message's media longer than those of others.
type losesMedia struct{ journal.Journal }

func (j losesMedia) Enqueue(ctx context.Context, es ...journal.Entry) ([]bool, error) {
	es = slices.Clone(es)
	for i := range es {
		es[i].Media = false
	}
	return j.Journal.Enqueue(ctx, es...)
}
