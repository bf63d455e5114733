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

const (
	// A Runner that fails is started again after a pause that doubles up to the longest. One
	// that ran for so long begins anew with the first.
	firstRunnerPause = time.Second
	maxRunnerPause   = time.Minute
	// runnerPatience is how long a reload waits for the Runners that it stops.
	runnerPatience = 10 * time.Second
)

// runners are the channels that fetch their messages. They are started and stopped one by
// one: a reload leaves those alone that go on.
type runners struct {
	s *Service
	// ctx ends all; nil before the first start.
	ctx     context.Context
	running map[*instance.Instance]runner
	wg      sync.WaitGroup
}

// runner is one that runs.
type runner struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

// startAll starts every channel in use that fetches its messages. They end with ctx.
func (r *runners) startAll(ctx context.Context) {
	r.ctx, r.running = ctx, map[*instance.Instance]runner{}
	for _, in := range r.s.channels.All() {
		r.start(in)
	}
}

// wait returns once all have ended.
func (r *runners) wait() { r.wg.Wait() }

// start starts a channel, if it fetches its messages. Before startAll it does nothing.
func (r *runners) start(in *instance.Instance) {
	runs, ok := in.Channel.(channels.Runner)
	if !ok || r.ctx == nil {
		return
	}
	ctx, cancel := context.WithCancel(r.ctx)
	started := runner{cancel: cancel, ended: make(chan struct{})}
	r.running[in] = started
	in.EnterLate() // it is in use
	r.wg.Go(func() {
		defer close(started.ended)
		defer in.Leave()
		defer cancel()
		r.s.keepRunning(ctx, in, runs)
	})
}

// stop stops the Runners of these channels and waits for them, up to runnerPatience in all and
// until the program drains. One that takes longer ends whenever it does.
func (r *runners) stop(list []*instance.Instance) {
	patience, cancel := context.WithTimeout(context.Background(), runnerPatience)
	defer cancel()
	for _, in := range list {
		if started, ok := r.running[in]; ok {
			started.cancel()
		}
	}
	for _, in := range list {
		started, ok := r.running[in]
		if !ok {
			continue
		}
		delete(r.running, in)
		select {
		case <-started.ended:
		case <-r.s.inFlight.Draining():
		case <-patience.Done():
			r.s.log.Error("channel has not stopped in time and is left behind", "channel", in.Name, "after", runnerPatience)
		}
	}
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
