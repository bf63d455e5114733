package memory

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// PauseConversation is journal.Journal's.
func (s *Store) PauseConversation(ctx context.Context, p journal.Paused) (fresh bool, err error) {
	err = s.write(ctx, func() error {
		fresh = s.paused.Add(p)
		return nil
	})
	return fresh, err
}

// ResumeConversation is journal.Journal's.
func (s *Store) ResumeConversation(ctx context.Context, c channels.Conversation) (was bool, err error) {
	err = s.write(ctx, func() error {
		was = s.paused.Remove(c)
		return nil
	})
	return was, err
}

// IsPaused is journal.Journal's.
func (s *Store) IsPaused(ctx context.Context, c channels.Conversation) (paused bool, err error) {
	err = s.read(ctx, func() error {
		paused = s.paused.Has(c)
		return nil
	})
	return paused, err
}

// Paused is journal.Journal's.
func (s *Store) Paused(ctx context.Context, limit int) (newest []journal.Paused, count int, err error) {
	err = s.read(ctx, func() error {
		newest, count = s.paused.Newest(limit)
		return nil
	})
	return newest, count, err
}
