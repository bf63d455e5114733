package memory

import (
	"context"

	"github.com/manyvox/manyvox/service/journal"
)

// Lease is journal.Journal's: this process is the only one.
func (s *Store) Lease(ctx context.Context, _ string) (leased context.Context, release func(), err error) {
	if s.closed.Err() != nil {
		return nil, nil, journal.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	leased, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.closed, cancel)
	return leased, func() { stop(); cancel() }, nil
}
