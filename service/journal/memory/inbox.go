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

// remember reports whether the entry's key is new.
func (s *Store) remember(e journal.Entry, now time.Time) bool {
	k := key{e.Message.Conversation(), e.Message.ID}
	if expires, known := s.keys[k]; known && expires.After(now) {
		return false
	}
	s.keys[k] = now.Add(e.Window)
	return true
}

// message stores m under the last number.
func (s *Store) message(m *message) journal.Row[*message] {
	s.messages[s.lastMessage] = m
	return journal.Row[*message]{
		Conversation: m.Conversation(), Number: s.lastMessage, Position: m.position, Value: m,
	}
}

// Join is journal.Journal's.
func (s *Store) Join(ctx context.Context, c channels.Conversation, most int) (leave func(), err error) {
	return s.inbox.Join(ctx, c, most)
}

// OpenInbox is journal.Journal's.
func (s *Store) OpenInbox(names ...string) { s.inbox.Open(names...) }

// Next is journal.Journal's.
func (s *Store) Next(ctx context.Context) (journal.Turn, error) {
	held, err := s.inbox.Take(ctx)
	if err != nil {
		return journal.Turn{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := held.Value
	m.attempts++
	return journal.Turn{
		Claim: held.Claim, Message: m.Message, Attempt: m.attempts, Shown: m.shown, Stored: m.stored,
	}, nil
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
		s.show(c, step.Parts)
		if step.End != nil {
			s.end(c, *step.End)
		}
		return nil
	})
}

func (s *Store) show(c journal.Claim, parts []channels.Part) {
	if len(parts) > 0 {
		s.messages[c.Row].shown++
	}
	now := time.Now()
	for _, p := range parts {
		s.lastPart++
		s.outbox.Add(s.part(&part{Part: p, position: s.lastPart, stored: now}))
	}
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
