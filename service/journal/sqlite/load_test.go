package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/journaltest"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

const (
	// producers is how many conversations a load has, one producer each.
	producers = 6
	// maxWaiting is how many messages of each producer wait at most, so that little is left
	// over wherever the power is cut.
	maxWaiting = 3
)

var errFinished = errors.New("the load is finished")

// load stores messages, runs their turns and sends their parts until nothing is left, and
// adds each call to the trace. What becomes of a message follows from its number.
type load struct {
	store *sqlite.Store
	trace *trace
	// left is how many messages have not ended, and how many parts are in the outbox.
	left atomic.Int64
	// attempts are the last attempts, by message and part.
	attempts sync.Map
	// slots has room for the messages that a producer may have waiting.
	slots  [producers]chan struct{}
	finish context.CancelCauseFunc
}

// runLoad has each producer store the messages from to to-1.
func runLoad(ctx context.Context, s *sqlite.Store, t *trace, from, to int) error {
	ctx, finish := context.WithCancelCause(ctx)
	defer finish(nil)
	l := &load{store: s, trace: t, finish: finish}
	l.left.Store(int64(producers * (to - from)))
	s.OpenOutbox(journaltest.Slots("web"))
	var running sync.WaitGroup
	for p := range producers {
		l.slots[p] = make(chan struct{}, maxWaiting)
		running.Go(func() { l.endOn(l.post(ctx, p, from, to)) })
		running.Go(func() { l.endOn(l.run(ctx)) })
		running.Go(func() { l.endOn(l.send(ctx)) })
	}
	running.Wait()
	if err := context.Cause(ctx); !errors.Is(err, errFinished) {
		return err
	}
	return nil
}

// endOn ends the load when one of its goroutines has failed.
func (l *load) endOn(err error) {
	if err != nil {
		l.finish(err)
	}
}

func (l *load) done() {
	if l.left.Add(-1) == 0 {
		l.finish(errFinished)
	}
}

// textOf is the text of a message or part; that of every tenth message and of its
// parts is longer than a page.
func textOf(id string) string {
	size := 100
	if id[len("s0/00000")] == '0' {
		size = 6_000
	}
	return strings.Repeat(id+" ", size/len(id))
}

// post stores messages alone and in pairs, and some again.
func (l *load) post(ctx context.Context, producer, from, to int) error {
	sender := "s" + strconv.Itoa(producer)
	for n := from; n < to; {
		var batch []journal.Entry
		var ids []string
		for size := min(1+n%2, to-n); len(batch) < size; n++ {
			id := fmt.Sprintf("%06d", n)
			batch = append(batch, entryOf(sender, id, textOf(sender+"/"+id)))
			ids = append(ids, sender+"/"+id)
			if !l.acquireSlot(ctx, producer) {
				return nil
			}
		}
		if err := l.enqueue(ctx, batch, ids); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) acquireSlot(ctx context.Context, producer int) bool {
	select {
	case l.slots[producer] <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *load) enqueue(ctx context.Context, batch []journal.Entry, ids []string) error {
	l.trace.addCall(call{method: callEnqueue, ids: ids})
	fresh, err := l.store.Enqueue(ctx, batch...)
	if err != nil {
		return err
	}
	l.trace.addCall(call{method: callEnqueue, ids: ids, done: true})
	again, err := l.store.Enqueue(ctx, batch[0])
	if err == nil && (!fresh[0] || again[0]) {
		return fmt.Errorf("%s is new: %v, then %v", ids[0], fresh[0], again[0])
	}
	return err
}

// run runs turns.
func (l *load) run(ctx context.Context) error {
	for {
		turn, err := l.store.Next(ctx)
		if err != nil {
			return err
		}
		id := idOf(&turn.Message)
		if err := l.checkAttempt(id, turn.Attempt); err != nil {
			return err
		}
		l.trace.addCall(call{method: callNext, ids: []string{id}, number: turn.Attempt})
		for i, s := range stepsOf(&turn) {
			for p := range s.Parts {
				s.Parts[p].ID = fmt.Sprintf("%s.%d.%d.%d", id, turn.Attempt, i, p)
			}
			if err := l.settle(ctx, turn.Claim, call{method: callSettle, ids: []string{id}, number: 10*turn.Attempt + i}, s); err != nil {
				return err
			}
		}
	}
}

// checkAttempt fails when what is given out again has no higher attempt: it would be given
// out for ever.
func (l *load) checkAttempt(id string, attempt int) error {
	if last, again := l.attempts.Swap(id, attempt); again && attempt <= last.(int) {
		return fmt.Errorf("%s is given out with attempt %d after %d", id, attempt, last)
	}
	return nil
}

// stepsOf returns what a turn does, with parts that have no id yet.
func stepsOf(turn *journal.Turn) []journal.Step {
	n, _ := strconv.Atoi(turn.Message.ID)
	done := journal.Step{End: ended(journal.OutcomeDone)}
	reply := func(parts int, end *journal.End) journal.Step {
		return journal.Step{Parts: make([]channels.Part, parts), End: end}
	}
	switch {
	case n%8 == 1:
		return []journal.Step{done}
	case n%8 == 2 && turn.Attempt == 1:
		return []journal.Step{{End: ended(journal.OutcomeRetry)}}
	case n%8 == 3 && turn.Attempt == 1:
		return []journal.Step{reply(1, ended(journal.OutcomeRetry))}
	case n%8 == 4:
		return []journal.Step{reply(2, nil), reply(1, nil), done}
	case n%16 == 5:
		return []journal.Step{{End: ended(journal.OutcomeFailed)}}
	case n%16 == 13:
		return []journal.Step{reply(1, nil), {End: ended(journal.OutcomeInterrupted)}}
	}
	return []journal.Step{reply(1+n%3, done.End)}
}

func (l *load) settle(ctx context.Context, claim journal.Claim, c call, s journal.Step) error {
	sender, _, _ := strings.Cut(c.ids[0], "/")
	for i := range s.Parts {
		p := &s.Parts[i]
		p.Channel, p.Sender, p.Reply.Text = "web", sender, textOf(p.ID)
		c.parts = append(c.parts, p.ID)
	}
	if s.End != nil {
		c.outcome = s.End.Outcome
	}
	l.trace.addCall(c)
	l.left.Add(int64(len(s.Parts)))
	if err := l.store.Settle(ctx, claim, s); err != nil {
		return err
	}
	c.done = true
	l.trace.addCall(c)
	if s.End != nil && c.outcome != journal.OutcomeRetry {
		l.releaseSlot(sender)
		l.done()
	}
	return nil
}

func (l *load) releaseSlot(sender string) {
	producer, _ := strconv.Atoi(sender[1:])
	<-l.slots[producer]
}

// send sends parts, some at the second attempt, some never.
func (l *load) send(ctx context.Context) error {
	for i := 0; ; i++ {
		d, err := l.store.NextPart(ctx)
		if err != nil {
			return err
		}
		if err := l.checkAttempt(d.Part.ID, d.Attempts); err != nil {
			return err
		}
		o, c := journal.PartOutcome{Sent: true}, call{method: callSettlePart, ids: []string{d.Part.ID}, number: d.Attempts, outcome: outcomeSent}
		switch {
		case i%6 == 2 && d.Attempts == 0:
			o, c.outcome = journal.PartOutcome{Counts: true}, journal.OutcomeRetry
		case i%9 == 4:
			o, c.outcome = journal.PartOutcome{Dead: true}, outcomeDead
		}
		if err := l.settlePart(ctx, d.Claim, o, c); err != nil {
			return err
		}
	}
}

func (l *load) settlePart(ctx context.Context, claim journal.Claim, o journal.PartOutcome, c call) error {
	l.trace.addCall(c)
	if err := l.store.SettlePart(ctx, claim, o); err != nil {
		return err
	}
	c.done = true
	l.trace.addCall(c)
	if c.outcome != journal.OutcomeRetry {
		l.done()
	}
	return nil
}
