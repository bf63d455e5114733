package service

import (
	"context"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/auth"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/worker"
)

// A Runner that fails is started again after a pause that doubles up to the longest. One
// that ran for so long begins anew with the first.
const (
	firstRunnerPause = time.Second
	maxRunnerPause   = time.Minute
)

// startRunners starts every channel that fetches its messages and returns a function
// that waits for all of them once ctx has ended.
func (s *Service) startRunners(ctx context.Context) (wait func()) {
	var wg sync.WaitGroup
	for _, in := range s.channels.All() {
		if r, ok := in.Channel.(channels.Runner); ok {
			wg.Go(func() { s.keepRunning(ctx, in, r) })
		}
	}
	return wg.Wait
}

// keepRunning runs a channel until ctx ends. An error, and a panic, start it again.
func (s *Service) keepRunning(ctx context.Context, in *instance.Instance, r channels.Runner) {
	for attempt := 1; ; attempt++ {
		began := time.Now()
		err := s.runAlone(ctx, in, r)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > maxRunnerPause {
			attempt = 1
		}
		pause := worker.Backoff(attempt, firstRunnerPause, maxRunnerPause)
		s.log.Error("channel stopped, starting it again", "channel", in.Name, "error", err, "after", pause)
		in.Failed(&channels.Error{Code: channels.CodeUnavailable, Message: "the channel stopped and is being started again"})
		if worker.Sleep(ctx, pause) != nil {
			return
		}
	}
}

// runAlone runs a channel while no other replica does, unless its type allows that.
func (s *Service) runAlone(ctx context.Context, in *instance.Instance, r channels.Runner) error {
	inbox := s.door.RunnerInbox(in)
	if in.Type.Replicas {
		return run(ctx, r, inbox)
	}
	leased, release, err := s.journal.Lease(ctx, "channel "+in.Name)
	if err != nil {
		return err
	}
	defer release()
	return run(leased, r, inbox)
}

// run runs a channel; a panic of it becomes its error.
func run(ctx context.Context, r channels.Runner, in channels.Inbox) (err error) {
	defer worker.Recover(&err)
	return r.Run(auth.Fetched(ctx), in)
}
