package service

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// A Runner that fails is started again after a pause that doubles up to the most.
const (
	firstPause = time.Second
	mostPause  = time.Minute
)

// startRunners starts every channel that fetches its messages and returns a function
// that waits for all of them once ctx has ended.
func (s *Service) startRunners(ctx context.Context) (wait func()) {
	var wg sync.WaitGroup
	for _, in := range s.instances {
		if r, ok := in.Channel.(channels.Runner); ok {
			wg.Go(func() { s.keepRunning(ctx, in, r) })
		}
	}
	return wg.Wait
}

func (s *Service) keepRunning(ctx context.Context, in *Instance, r channels.Runner) {
	pause := firstPause
	for {
		began := time.Now()
		err := s.runAlone(ctx, in, r)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > mostPause {
			pause = firstPause
		}
		wait := pause/2 + rand.N(pause/2) //nolint:gosec // jitter needs no secrecy
		s.log.Error("channel stopped, starting it again", "channel", in.Name, "error", err, "after", wait)
		in.failed(&channels.Error{Code: channels.CodeUnavailable, Message: "the channel stopped and is being started again"})
		if sleep(ctx, wait) != nil {
			return
		}
		pause = min(2*pause, mostPause)
	}
}

// runAlone runs a channel while no other replica does, unless its type allows that.
func (s *Service) runAlone(ctx context.Context, in *Instance, r channels.Runner) error {
	inbox := door{s: s, in: in}
	if in.Type.Replicas {
		return run(ctx, r, inbox)
	}
	held, release, err := s.journal.Lease(ctx, "channel "+in.Name)
	if err != nil {
		return err
	}
	defer release()
	return run(held, r, inbox)
}

// run turns a panic of the channel into its error.
func run(ctx context.Context, r channels.Runner, in channels.Inbox) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.Run(ctx, in)
}
