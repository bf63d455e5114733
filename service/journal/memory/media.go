package memory

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// mediumKey names a medium.
type mediumKey struct{ channel, ref string }

// medium is a medium and who holds it.
type medium struct {
	journal.Medium
	// message is the id of the message that holds it; held says that there is one.
	message string
	held    bool
	// position is that of the stored message with which it is kept, 0 for none.
	position int64
	expires  time.Time
}

// exists reports whether the medium can be read.
func (m *medium) exists(now time.Time) bool { return m.position != 0 || m.expires.After(now) }

// mayHold reports whether a message may hold the medium.
func (m *medium) mayHold(k journal.Key) bool {
	if m.held {
		return m.Sender == k.Sender && m.message == k.ID
	}
	return m.Sender == "" || m.Sender == k.Sender
}

// keepFor lets the medium exist for so long at least.
func (m *medium) keepFor(life time.Duration) {
	if until := time.Now().Add(life); until.After(m.expires) {
		m.expires = until
	}
}

// PutMedium is journal.Journal's.
func (s *Store) PutMedium(ctx context.Context, m journal.Medium, life time.Duration) error {
	return s.write(ctx, func() error {
		k := mediumKey{m.Channel, m.Ref}
		if s.media[k] == nil {
			s.media[k] = &medium{Medium: m}
		}
		s.media[k].keepFor(life)
		return nil
	})
}

// findMedium returns a medium that can be read, nil when there is none.
func (s *Store) findMedium(k mediumKey) *medium {
	if m := s.media[k]; m != nil && m.exists(time.Now()) {
		return m
	}
	return nil
}

// HoldMedia is journal.Journal's.
func (s *Store) HoldMedia(ctx context.Context, k journal.Key, life time.Duration, refs ...string) (missing string, err error) {
	err = s.write(ctx, func() error {
		for _, ref := range refs {
			if m := s.findMedium(mediumKey{k.Channel, ref}); m == nil || !m.mayHold(k) {
				missing = ref
				return nil
			}
		}
		for _, ref := range refs {
			m := s.media[mediumKey{k.Channel, ref}]
			m.Sender, m.message, m.held = k.Sender, k.ID, true
			m.keepFor(life)
		}
		return nil
	})
	return missing, err
}

// Medium is journal.Journal's.
func (s *Store) Medium(ctx context.Context, channel, ref string) (found *journal.Medium, err error) {
	err = s.read(ctx, func() error {
		if m := s.findMedium(mediumKey{channel, ref}); m != nil {
			stored := m.Medium
			found = &stored
		}
		return nil
	})
	return found, err
}

// DropMedia is journal.Journal's.
func (s *Store) DropMedia(ctx context.Context, k journal.Key, refs ...string) error {
	return s.write(ctx, func() error {
		for _, ref := range refs {
			name := mediumKey{k.Channel, ref}
			if m := s.media[name]; m != nil && m.held && m.mayHold(k) {
				delete(s.media, name)
			}
		}
		return nil
	})
}

// MediaUse is journal.Journal's.
func (s *Store) MediaUse(ctx context.Context, channel, sender string) (ofChannel, ofSender journal.MediaUse, err error) {
	err = s.read(ctx, func() error {
		for _, m := range s.media {
			if m.Channel != channel {
				continue
			}
			addUse(&ofChannel, m)
			if m.Sender == sender {
				addUse(&ofSender, m)
			}
		}
		return nil
	})
	return ofChannel, ofSender, err
}

func addUse(u *journal.MediaUse, m *medium) {
	u.Count++
	u.Bytes += int64(len(m.Content))
}

// keepMedia keeps what a message holds with its row, or its dead letter.
func (s *Store) keepMedia(e journal.Entry, position int64) {
	if !e.Media {
		return
	}
	for _, m := range s.media {
		if m.Channel == e.Message.Channel && m.held && m.mayHold(e.Key()) {
			m.position = position
		}
	}
}

// sweepMedia deletes media that are not kept any more, and returns how many.
func (s *Store) sweepMedia(now time.Time, limit int) int {
	if len(s.media) == 0 {
		return 0
	}
	kept := map[int64]bool{}
	for _, m := range s.messages {
		kept[m.position] = true
	}
	for _, d := range s.dead {
		if d.Message != nil {
			kept[d.position] = true
		}
	}
	return sweep(s.media, limit, func(m *medium) bool {
		if m.position != 0 {
			return !kept[m.position]
		}
		return !m.exists(now)
	})
}
