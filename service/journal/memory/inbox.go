package memory

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/scheduler"
)

// message is a row of the inbox.
type message struct {
	channels.Message
	// position is the number that the row had first.
	position int64
	attempts int
	// begun says that the message's event was appended: its first attempt may have been
	// deferred, and so is not among the attempts.
	begun  bool
	shown  int
	stored time.Time
}

// Enqueue is journal.Journal's.
func (s *Store) Enqueue(ctx context.Context, es ...journal.Entry) (fresh []bool, err error) {
	err = s.write(ctx, func() error {
		now := time.Now()
		fresh = make([]bool, len(es))
		for i, e := range es {
			if fresh[i] = s.insertKey(e, now); fresh[i] {
				s.lastMessage++
				s.inbox.Add(s.message(&message{Message: e.Message, position: s.lastMessage, stored: now}))
				s.keepMedia(e, s.lastMessage)
			}
		}
		return nil
	})
	return fresh, err
}

// message stores m under the last number and returns its row for the scheduler.
func (s *Store) message(m *message) scheduler.Row[*message] {
	s.messages[s.lastMessage] = m
	return scheduler.Row[*message]{
		Conversation: m.Conversation(), Number: s.lastMessage, Position: m.position, Stored: m.stored, Value: m,
	}
}

// Queued is journal.Journal's.
func (s *Store) Queued(ctx context.Context, c channels.Conversation, limit int) (n int, err error) {
	err = s.read(ctx, func() error {
		n = s.inbox.Queued(c, limit)
		return nil
	})
	return n, err
}

// Refuse is journal.Journal's.
func (s *Store) Refuse(ctx context.Context, limit int, es ...journal.Entry) (kept int, err error) {
	err = s.write(ctx, func() error {
		now := time.Now()
		for _, e := range es {
			if s.countRefused(e.Message.Conversation()) >= limit || !s.insertKey(e, now) {
				continue
			}
			s.lastMessage++
			s.keepMedia(e, s.lastMessage)
			s.addDeadLetter(deadLetter{
				DeadLetter: journal.DeadLetter{Kind: journal.KindRefused, Message: &e.Message, Reason: journal.ReasonRefused},
				position:   s.lastMessage,
			})
			s.appendEvents(journal.RefusedEvent(&e.Message, now))
			kept++
		}
		return nil
	})
	return kept, err
}

// countRefused returns how many dead letters of KindRefused the conversation has.
func (s *Store) countRefused(c channels.Conversation) (n int) {
	for _, d := range s.dead {
		if d.Kind == journal.KindRefused && d.conversation() == c {
			n++
		}
	}
	return n
}

// OpenInbox is journal.Journal's.
func (s *Store) OpenInbox(names ...string) { s.inbox.Open(scheduler.Unlimited(names...)) }

// Next is journal.Journal's.
func (s *Store) Next(ctx context.Context) (journal.Turn, error) {
	for {
		claimed, err := s.inbox.Next(ctx)
		if err != nil {
			return journal.Turn{}, err
		}
		if turn, ok := s.begin(claimed); ok {
			s.env.Report(ctx, nil)
			return turn, nil
		}
	}
}

// begin counts the attempt. It is not ok when the message was forgotten since it was
// claimed.
func (s *Store) begin(claimed scheduler.Claimed[*message]) (turn journal.Turn, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.inbox.IsCurrent(claimed.Claim) {
		return journal.Turn{}, false
	}
	m := claimed.Value
	m.attempts++
	if !m.begun {
		m.begun = true
		s.appendEvents(journal.MessageEvent(&m.Message))
	}
	return journal.Turn{
		Claim: claimed.Claim, Message: m.Message, Attempt: m.attempts, Shown: m.shown, Stored: m.stored,
		Paused: s.paused.Has(m.Conversation()),
	}, true
}

// Settle is journal.Journal's.
func (s *Store) Settle(ctx context.Context, c journal.Claim, step journal.Step) error {
	if err := step.Validate(); err != nil {
		return err
	}
	return s.write(ctx, func() error {
		if !s.inbox.IsCurrent(c) {
			return journal.ErrFenced
		}
		if step.Shows() {
			s.messages[c.Row].shown++
		}
		s.complete(step.Complete)
		parts, begin := step.Outgoing()
		s.addParts(parts)
		s.beginPart(begin)
		s.appendEvents(step.Events...)
		if step.End != nil {
			of := s.messages[c.Row].Conversation()
			s.endGrowth(of, s.outbox.Growing(of)...)
			s.end(c, *step.End)
		}
		return nil
	})
}

// end ends a turn: the message waits for its retry, becomes a dead letter or is deleted.
func (s *Store) end(c journal.Claim, e journal.End) {
	switch e.Outcome { // the others delete the row
	case journal.OutcomeDeferred:
		s.messages[c.Row].attempts--
		fallthrough
	case journal.OutcomeRetry:
		s.inbox.Retry(c, e.At)
		return
	}
	if e.Outcome != journal.OutcomeDone {
		m := s.messages[c.Row]
		s.addDeadLetter(deadLetter{
			DeadLetter: journal.DeadLetter{Kind: string(e.Outcome), Message: &m.Message, Reason: e.Reason},
			position:   m.position,
		})
	}
	delete(s.messages, c.Row)
	s.inbox.Done(c)
}
