package service

import (
	"context"
	"fmt"
	"sync"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/worker"
)

// work is what goes on without a request: runners, stored messages, deliveries, the
// sweep.
type work struct {
	stop func() // fetch nothing more
	wait func() // until all of it has ended
}

// startWork starts it. What is in flight ends with base at the latest.
func (s *Service) startWork(base context.Context) (*work, error) {
	if _, err := s.journal.Depth(base); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	s.journal.OpenInbox(s.channels.Senders()...)
	s.deliveries.Open()
	fetching, stop := context.WithCancel(base)
	turns := worker.Pool[journal.Turn]{
		Next: s.journal.Next, Work: func(t journal.Turn) { s.turns.Answer(base, t) }, Slots: s.turnSlots, Log: s.log,
	}
	sends := worker.Pool[journal.Delivery]{
		Next: s.journal.NextPart, Work: func(d journal.Delivery) { s.deliveries.Deliver(base, d) }, Slots: s.deliveries.Slots(), Log: s.log,
	}
	var wg sync.WaitGroup
	s.reloads.startRunners(fetching)
	wg.Go(func() { turns.Run(fetching) })
	wg.Go(func() { sends.Run(fetching) })
	wg.Go(func() { s.sweep(fetching) })
	return &work{stop: stop, wait: func() {
		stop()
		wg.Wait()
		s.reloads.runners.wait()
		s.turns.Close(base)
		s.deliveries.Close()
	}}, nil
}
