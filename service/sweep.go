package service

import (
	"context"
	"time"
)

// Old rows are deleted in small batches, so that no writer waits long behind one.
const (
	sweepEvery = time.Minute
	sweepBatch = 500
)

// sweep deletes what the journal need not remember any longer, until ctx ends.
func (s *Service) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		for {
			n, err := s.journal.Sweep(ctx, sweepBatch)
			if err != nil && ctx.Err() == nil {
				s.log.Error("journal: sweep", "error", err)
			}
			if err != nil || n < sweepBatch {
				break
			}
		}
	}
}
