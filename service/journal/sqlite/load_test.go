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
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

const (
	// posters is how many conversations a load has.
	posters = 6
	// backlog is how many messages of each wait at most, so that little is left over
	// wherever the power is cut.
	backlog = 3
)

var errFinished = errors.New("the load is finished")

// load stores messages, runs their turns and sends their parts until nothing is left,
// and says so in the trace. What becomes of a message follows from its number.
type load struct {
	store *sqlite.Store
	trace *trace
	// left is how many messages have not ended and how many parts are not gone.
	left atomic.Int64
	// attempts are the last attempts, by message and part.
	attempts sync.Map
	// room has a place for each message that a poster may have waiting.
	room   [posters]chan struct{}
	finish context.CancelCauseFunc
}

// runLoad has each poster store the messages from to to-1.
func runLoad(ctx context.Context, s *sqlite.Store, t *trace, from, to int) error {
	ctx, finish := context.WithCancelCause(ctx)
	defer finish(nil)
	l := &load{store: s, trace: t, finish: finish}
	l.left.Store(int64(posters * (to - from)))
	s.OpenOutbox("web")
	var running sync.WaitGroup
	for p := range posters {
		l.room[p] = make(chan struct{}, backlog)
		running.Go(func() { l.end(l.post(ctx, p, from, to)) })
		running.Go(func() { l.end(l.run(ctx)) })
		running.Go(func() { l.end(l.send(ctx)) })
	}
	running.Wait()
	if err := context.Cause(ctx); !errors.Is(err, errFinished) {
		return err
	}
	return nil
}

// end ends the load when one of those that make it has failed.
func (l *load) end(err error) {
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
func (l *load) post(ctx context.Context, poster, from, to int) error {
	sender := "s" + strconv.Itoa(poster)
	for n := from; n < to; {
		var batch []journal.Entry
		var ids []string
		for size := min(1+n%2, to-n); len(batch) < size; n++ {
			id := fmt.Sprintf("%06d", n)
			batch = append(batch, entryOf(sender, id, textOf(sender+"/"+id)))
			ids = append(ids, sender+"/"+id)
			if !l.enter(ctx, poster) {
				return nil
			}
		}
		if err := l.enqueue(ctx, batch, ids); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) enter(ctx context.Context, poster int) bool {
	select {
	case l.room[poster] <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *load) enqueue(ctx context.Context, batch []journal.Entry, ids []string) error {
	l.trace.say(word{verb: storing, ids: ids})
	fresh, err := l.store.Enqueue(ctx, batch...)
	if err != nil {
		return err
	}
	l.trace.say(word{verb: storing, ids: ids, done: true})
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
		id := nameOf(&turn.Message)
		if err := l.rises(id, turn.Attempt); err != nil {
			return err
		}
		l.trace.say(word{verb: beginning, ids: []string{id}, number: turn.Attempt})
		for i, s := range stepsOf(&turn) {
			for p := range s.Parts {
				s.Parts[p].ID = fmt.Sprintf("%s.%d.%d.%d", id, turn.Attempt, i, p)
			}
			if err := l.settle(ctx, turn.Claim, word{verb: stepping, ids: []string{id}, number: 10*turn.Attempt + i}, s); err != nil {
				return err
			}
		}
	}
}

// rises fails when what is given out again has no higher attempt: then it would be for
// ever.
func (l *load) rises(id string, attempt int) error {
	if last, again := l.attempts.Swap(id, attempt); again && attempt <= last.(int) {
		return fmt.Errorf("%s is given out with attempt %d after %d", id, attempt, last)
	}
	return nil
}

// stepsOf returns what a turn does, with parts that have no id yet.
func stepsOf(turn *journal.Turn) []journal.Step {
	n, _ := strconv.Atoi(turn.Message.ID)
	done := journal.Step{End: ended(journal.OutcomeDone)}
	saying := func(parts int, end *journal.End) journal.Step {
		return journal.Step{Parts: make([]channels.Part, parts), End: end}
	}
	switch {
	case n%8 == 1:
		return []journal.Step{done}
	case n%8 == 2 && turn.Attempt == 1:
		return []journal.Step{{End: ended(journal.OutcomeRetry)}}
	case n%8 == 3 && turn.Attempt == 1:
		return []journal.Step{saying(1, ended(journal.OutcomeRetry))}
	case n%8 == 4:
		return []journal.Step{saying(2, nil), saying(1, nil), done}
	case n%16 == 5:
		return []journal.Step{{End: ended(journal.OutcomeFailed)}}
	case n%16 == 13:
		return []journal.Step{saying(1, nil), {End: ended(journal.OutcomeInterrupted)}}
	}
	return []journal.Step{saying(1+n%3, done.End)}
}

func (l *load) settle(ctx context.Context, c journal.Claim, w word, s journal.Step) error {
	sender, _, _ := strings.Cut(w.ids[0], "/")
	for i := range s.Parts {
		p := &s.Parts[i]
		p.Channel, p.Sender, p.Reply.Text = "web", sender, textOf(p.ID)
		w.parts = append(w.parts, p.ID)
	}
	if s.End != nil {
		w.outcome = s.End.Outcome
	}
	l.trace.say(w)
	l.left.Add(int64(len(s.Parts)))
	if err := l.store.Settle(ctx, c, s); err != nil {
		return err
	}
	w.done = true
	l.trace.say(w)
	if s.End != nil && w.outcome != journal.OutcomeRetry {
		l.leave(sender)
		l.done()
	}
	return nil
}

func (l *load) leave(sender string) {
	poster, _ := strconv.Atoi(sender[1:])
	<-l.room[poster]
}

// send sends parts, some at the second attempt, some never.
func (l *load) send(ctx context.Context) error {
	for i := 0; ; i++ {
		d, err := l.store.NextPart(ctx)
		if err != nil {
			return err
		}
		if err := l.rises(d.Part.ID, d.Attempts); err != nil {
			return err
		}
		o, w := journal.PartOutcome{Sent: true}, word{verb: sending, ids: []string{d.Part.ID}, number: d.Attempts, outcome: outcomeSent}
		switch {
		case i%6 == 2 && d.Attempts == 0:
			o, w.outcome = journal.PartOutcome{Counts: true}, journal.OutcomeRetry
		case i%9 == 4:
			o, w.outcome = journal.PartOutcome{Dead: true}, outcomeDead
		}
		if err := l.settlePart(ctx, d.Claim, o, w); err != nil {
			return err
		}
	}
}

func (l *load) settlePart(ctx context.Context, c journal.Claim, o journal.PartOutcome, w word) error {
	l.trace.say(w)
	if err := l.store.SettlePart(ctx, c, o); err != nil {
		return err
	}
	w.done = true
	l.trace.say(w)
	if w.outcome != journal.OutcomeRetry {
		l.done()
	}
	return nil
}
