package journaltest_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// telltale is a journal that tells the events of a step that is fenced.
type telltale struct{ journal.Journal }

func (j telltale) Settle(ctx context.Context, c journal.Claim, s journal.Step) error {
	err := j.Journal.Settle(ctx, c, s)
	if errors.Is(err, journal.ErrFenced) {
		err = errors.Join(err, j.AppendEvents(ctx, s.Events...))
	}
	return err
}

// stammerer is a journal that tells a message's event with each attempt.
type stammerer struct{ journal.Journal }

func (j stammerer) Next(ctx context.Context) (journal.Turn, error) {
	turn, err := j.Journal.Next(ctx)
	if err == nil && turn.Attempt > 1 {
		err = j.AppendEvents(ctx, journal.MessageEvent(&turn.Message))
	}
	return turn, err
}

// flattener is a journal that makes one reply of all.
type flattener struct{ journal.Journal }

func (j flattener) Recall(ctx context.Context, k journal.Key) (*journal.Known, error) {
	known, err := j.Journal.Recall(ctx, k)
	if known != nil && len(known.Replies) > 1 {
		known.Replies = [][]channels.Reply{slices.Concat(known.Replies...)}
	}
	return known, err
}

// forgiving is a journal that begins what failed anew although something else is asked.
type forgiving struct{ journal.Journal }

func (j forgiving) Begin(ctx context.Context, s journal.Lock, e journal.Entry, digest []byte) (journal.Asked, *journal.Known, error) {
	asked, known, err := j.Journal.Begin(ctx, s, e, digest)
	if known != nil && known.State == journal.StateFailed {
		return j.Journal.Begin(ctx, s, e, known.Digest)
	}
	return asked, known, err
}

// idler is a journal whose pages do not move on when nothing matches.
type idler struct{ journal.Journal }

func (j idler) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Journal.Events(ctx, f, after, limit)
	if len(page.Events) == 0 {
		page.Next = after
	}
	return page, err
}

// hider is a journal that does not say that events were swept.
type hider struct{ journal.Journal }

func (j hider) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Journal.Events(ctx, f, after, limit)
	if swept := (*journal.SweptError)(nil); errors.As(err, &swept) {
		return j.Journal.Events(ctx, f, swept.Oldest, limit)
	}
	return page, err
}

// deaf is a journal that never says that something changed.
type deaf struct{ journal.Journal }

func (deaf) Changed() <-chan struct{} { return nil }

// hasty is a journal that says that something changed before it has.
type hasty struct {
	journal.Journal
	changed chan chan struct{}
}

func newHasty(j journal.Journal) hasty {
	h := hasty{j, make(chan chan struct{}, 1)}
	h.changed <- make(chan struct{})
	return h
}

func (j hasty) Changed() <-chan struct{} {
	changed := <-j.changed
	j.changed <- changed
	return changed
}

func (j hasty) AppendEvents(ctx context.Context, es ...channels.Event) error {
	close(<-j.changed)
	j.changed <- make(chan struct{})
	time.Sleep(time.Millisecond)
	return j.Journal.AppendEvents(ctx, es...)
}

// resentful is a journal that keeps the conversation's events when it forgets.
type resentful struct{ journal.Journal }

func (j resentful) Forget(ctx context.Context, c channels.Conversation) (int, error) {
	history, _ := j.History(ctx, c, 99)
	n, err := j.Journal.Forget(ctx, c)
	return n, errors.Join(err, j.AppendEvents(ctx, history...))
}

// pushy is a journal that sends again what is pushed again.
type pushy struct{ journal.Journal }

func (j pushy) Push(ctx context.Context, p journal.Push) (*journal.Known, error) {
	known, err := j.Journal.Push(ctx, p)
	if known != nil && known.Digest != nil {
		p.Key.ID, p.Events = p.Key.ID+"#"+time.Now().String(), nil
		_, err = j.Journal.Push(ctx, p)
	}
	return known, err
}

// skipper is a journal that leaves out every fifth event.
type skipper struct{ journal.Journal }

func (j skipper) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Journal.Events(ctx, f, after, limit)
	page.Events = slices.DeleteFunc(page.Events, func(e channels.Event) bool { return e.Cursor%5 == 0 })
	return page, err
}

// backward is a journal whose pages have the newest event first.
type backward struct{ journal.Journal }

func (j backward) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Journal.Events(ctx, f, after, limit)
	slices.Reverse(page.Events)
	return page, err
}

// echoing is a journal whose pages go on from one event too early.
type echoing struct{ journal.Journal }

func (j echoing) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Journal.Events(ctx, f, after, limit)
	if len(page.Events) > 1 {
		page.Next--
	}
	return page, err
}
