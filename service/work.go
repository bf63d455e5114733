package service

import (
	"context"
	"fmt"
	"sync"

	"github.com/manyvox/manyvox/service/journal"
)

// sends is how many parts are on their way at once.
const sends = 256

// work is what goes on without a request: runners, stored messages, deliveries.
type work struct {
	stop func() // fetch nothing more
	wait func() // until all of it has ended
}

// startWork starts it. What is under way ends with base at the latest.
func (s *Service) startWork(base context.Context) (*work, error) {
	if _, err := s.journal.Depth(base); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	s.lanes.open()
	fetching, stop := context.WithCancel(base)
	var wg sync.WaitGroup
	wg.Go(s.startRunners(fetching))
	wg.Go(func() {
		consume(fetching, s, s.limits.Turns, s.journal.Next, func(t journal.Turn) { s.answerStored(base, t) })
	})
	wg.Go(func() {
		consume(fetching, s, sends, s.journal.NextPart, func(d journal.Delivery) { s.deliver(base, d) })
	})
	wg.Go(func() { s.sweep(fetching) })
	return &work{stop: stop, wait: func() {
		stop()
		wg.Wait()
		s.asked.turns.Wait()
		s.scribe.close(base)
		s.lanes.close()
	}}, nil
}
