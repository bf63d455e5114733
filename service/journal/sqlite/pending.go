package sqlite

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Queued is journal.Journal's.
func (s *Store) Queued(context.Context, channels.Conversation, int) (int, error) { return 0, nil }

// Refuse is journal.Journal's.
func (s *Store) Refuse(context.Context, int, ...journal.Entry) (int, error) { return 0, nil }
