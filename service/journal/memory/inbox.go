package memory

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// message is a row of the inbox.
type message struct {
	channels.Message
	position int64
	attempts int
	shown    int
	stored   time.Time
}

// Enqueue is journal.Journal's.
func (s *Store) Enqueue(ctx context.Context, es ...journal.Entry) (fresh []bool, err error) {
	err = s.change(ctx, func() error {
		now := time.Now()
		fresh = make([]bool, len(es))
		for i, e := range es {
			if fresh[i] = s.remember(e, now); fresh[i] {
				s.lastMessage++
				s.inbox.Add(s.message(&message{Message: e.Message, position: s.lastMessage, stored: now}))
			}
		}
		return nil
	})
	return fresh, err
}

// remember notes the message's key and reports whether it is new.
func (s *Store) remember(e journal.Entry, now time.Time) bool {
	if s.lookup(e.Key()) != nil {
		return false
	}
	s.keys[e.Key()] = &record{expires: now.Add(e.Window)}
	return true
}

// message stores m under the last number.
func (s *Store) message(m *message) journal.Row[*message] {
	s.messages[s.lastMessage] = m
	return journal.Row[*message]{
		Conversation: m.Conversation(), Number: s.lastMessage, Position: m.position, Value: m,
	}
}

// OpenInbox is journal.Journal's.
func (s *Store) OpenInbox(names ...string) { s.inbox.Open(names...) }

// Next is journal.Journal's.
func (s *Store) Next(ctx context.Context) (journal.Turn, error) {
	for {
		held, err := s.inbox.Take(ctx)
		if err != nil {
			return journal.Turn{}, err
		}
		if turn, ok := s.begin(held); ok {
			return turn, nil
		}
	}
}

// begin counts the attempt, unless the message was forgotten since it was taken.
func (s *Store) begin(held journal.Held[*message]) (turn journal.Turn, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.inbox.Holds(held.Claim) {
		return journal.Turn{}, false
	}
	m := held.Value
	if m.attempts++; m.attempts == 1 {
		s.note(journal.MessageEvent(&m.Message))
	}
	return journal.Turn{
		Claim: held.Claim, Message: m.Message, Attempt: m.attempts, Shown: m.shown, Stored: m.stored,
	}, true
}

// Settle is journal.Journal's.
func (s *Store) Settle(ctx context.Context, c journal.Claim, step journal.Step) error {
	if err := step.Validate(); err != nil {
		return err
	}
	return s.change(ctx, func() error {
		if !s.inbox.Holds(c) {
			return journal.ErrFenced
		}
		s.show(c, step)
		s.note(step.Events...)
		if step.End != nil {
			s.end(c, *step.End)
		}
		return nil
	})
}

func (s *Store) show(c journal.Claim, step journal.Step) {
	if step.Shows() {
		s.messages[c.Row].shown++
	}
	s.addParts(step.Parts)
}

func (s *Store) end(c journal.Claim, e journal.End) {
	if e.Outcome == journal.OutcomeRetry {
		s.inbox.Retry(c, e.At)
		return
	}
	if e.Outcome != journal.OutcomeDone {
		m := s.messages[c.Row]
		s.bury(deadLetter{
			DeadLetter: journal.DeadLetter{Kind: string(e.Outcome), Message: &m.Message, Reason: e.Reason},
			position:   m.position,
		})
	}
	delete(s.messages, c.Row)
	s.inbox.Done(c)
}
