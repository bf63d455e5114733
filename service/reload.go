package service

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/turn"
)

// Agent is one of several agents.
type Agent = turn.Agent

// AgentOptions say how an agent is called.
type AgentOptions = turn.AgentOptions

// Setup is what the configuration says, opened.
type Setup struct {
	// Channels are those of credentials.yml, in its order. CheckRoutes has nothing against
	// them. A config of a channel that is in use means that it goes on.
	Channels []*instance.Config
	// Agent answers. KeepAgent says that it is the one that does so already.
	Agent     agents.Agent
	KeepAgent bool
	turn.AgentOptions
	// Agents answer in place of Agent where there are several. KeepAgent says that they and
	// their routes are those in use.
	Agents turn.Agents
	// Limits bound what one caller can use.
	Limits instance.Limits
	// Chat is what the chat page shows of whom it belongs to.
	Chat instance.ChatSettings
	// Notes are for the operator who reloads.
	Notes []string
}

// agents returns all of them.
func (s *Setup) agents() turn.Agents {
	if len(s.Agents.List) > 0 {
		return s.Agents
	}
	return turn.Agents{List: []turn.Agent{{Agent: s.Agent, AgentOptions: s.AgentOptions}}}
}

// reloads puts configurations in use, one at a time.
type reloads struct {
	s *Service
	// load reads the configuration; nil where it cannot be read again.
	load func() (Setup, error)

	// mu is held during a reload, and while what runs is started or stopped.
	mu      sync.Mutex
	runners *runners
	// started is closed once the runners are started: a reload that came before, and is held
	// up, would hold up the start.
	started chan struct{}

	// known guards what others ask while a reload is under way.
	known    sync.Mutex
	revision int64
	last     *instance.Reload
}

// Reload reads the configuration again and puts it in use. When it cannot be, the outcome
// has an error, and what is in use goes on. Reload fails when the program shuts down, or has
// no configuration that could be read again.
func (s *Service) Reload(ctx context.Context) (*instance.Reload, error) {
	r := s.reloads
	select {
	case <-r.started:
	case <-s.inFlight.Draining():
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.load == nil:
		return nil, channels.Errorf(channels.CodeFailedPrecondition, "this program has no configuration that it could read again")
	case s.inFlight.IsDraining():
		return nil, instance.ErrDraining
	}
	setup, err := r.loadUntilDrained()
	if errors.Is(err, instance.ErrDraining) {
		return nil, err
	}
	outcome := &instance.Reload{Err: err}
	if err == nil {
		outcome.Notes = setup.Notes
		r.swap(setup, outcome)
	}
	r.conclude(ctx, outcome)
	return outcome, nil
}

// loadUntilDrained reads the configuration. Once the program drains it waits a second more and
// then leaves the read behind, which a file system that does not answer may hold for ever:
// what it opens late ends with the process.
func (r *reloads) loadUntilDrained() (Setup, error) {
	type result struct {
		setup Setup
		err   error
	}
	loaded := make(chan result, 1)
	go func() {
		setup, err := r.load()
		loaded <- result{setup, err}
	}()
	select {
	case got := <-loaded:
		return got.setup, got.err
	case <-r.s.inFlight.Draining():
	}
	select {
	case got := <-loaded:
		return got.setup, got.err
	case <-time.After(lastCallTime):
		r.s.log.Error("shutting down: the reload under way is given up")
		return Setup{}, instance.ErrDraining
	}
}

// LastReload returns the revision of the configuration in use, and the last reload, nil when
// there was none.
func (s *Service) LastReload() (revision int64, last *instance.Reload) {
	s.reloads.known.Lock()
	defer s.reloads.known.Unlock()
	return s.reloads.revision, s.reloads.last
}

// startRunners starts the channels that fetch their messages. They end with ctx.
func (r *reloads) startRunners(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runners.startAll(ctx)
	close(r.started)
}

// await returns when no reload is under way, or it was given up. None begins once the program drains.
func (r *reloads) await() {
	r.mu.Lock()
	defer r.mu.Unlock()
}

// conclude keeps the outcome of a reload and logs it.
func (r *reloads) conclude(ctx context.Context, outcome *instance.Reload) {
	r.known.Lock()
	defer r.known.Unlock()
	if outcome.Err == nil {
		r.revision++
	}
	outcome.Revision, outcome.Time = r.revision, time.Now()
	r.last = outcome
	if outcome.Err != nil {
		r.s.log.ErrorContext(ctx, "reload failed: the configuration that was in use goes on", "revision", outcome.Revision, "error", outcome.Err)
		return
	}
	for _, note := range outcome.Notes {
		r.s.log.WarnContext(ctx, "reload: "+note)
	}
	counts := map[instance.Change]int{}
	for _, c := range outcome.Channels {
		counts[c.Change]++
	}
	r.s.log.InfoContext(ctx, "reloaded", "revision", outcome.Revision, "kept", counts[instance.Kept], "added", counts[instance.Added],
		"changed", counts[instance.Changed], "removed", counts[instance.Removed], "agent", string(outcome.Agent))
}

// swap puts a configuration in use. First whoever looks something up finds what is new, then
// what is old ends: its Runners at once, its calls and turns when they are done. Nothing of
// this can fail.
func (r *reloads) swap(setup Setup, outcome *instance.Reload) {
	s, before := r.s, r.s.channels.All()
	list, gone := r.replaced(setup.Channels, outcome)
	s.limits.Store(&setup.Limits)
	s.inFlight.SetLimit(setup.Limits.Asks)
	s.turnSlots.SetLimit(setup.Limits.Turns)
	outcome.Agent = instance.Kept
	if !setup.KeepAgent {
		outcome.Agent = instance.Changed
		s.closeAgents(s.turns.ReplaceAgents(setup.agents()))
	}
	s.channels.Replace(list)
	s.deliveries.Replace(list)
	s.journal.OpenInbox(s.channels.Senders()...)
	s.port.Serve(list)
	s.port.ShowChat(&setup.Chat)
	for _, in := range gone {
		in.Retire()
	}
	r.runners.stop(gone)
	for _, in := range gone {
		in.Reports.End()
		s.closings.add("channel "+in.Name, in.Channel, in.Uses)
	}
	for _, in := range list {
		if !slices.Contains(before, in) {
			r.runners.start(in)
		}
	}
}

// replaced returns the instances that will be in use and those that are gone then.
func (r *reloads) replaced(configs []*instance.Config, outcome *instance.Reload) (list, gone []*instance.Instance) {
	s := r.s
	before := s.channels.All()
	for _, c := range configs {
		i := slices.IndexFunc(before, func(in *instance.Instance) bool { return in.Name == c.Name })
		change := instance.Added
		switch {
		case i >= 0 && before[i].IsKept(c):
			list = append(list, before[i])
			change = instance.Kept
		case i >= 0:
			change = instance.Changed
			in := s.connect(c)
			in.Reports.Follow(before[i].Reports)
			list, gone = append(list, in), append(gone, before[i])
		default:
			list = append(list, s.connect(c))
		}
		outcome.Channels = append(outcome.Channels, instance.ChannelChange{Name: c.Name, Type: c.Type.Name, Change: change})
	}
	for _, in := range before {
		if !slices.ContainsFunc(configs, func(c *instance.Config) bool { return c.Name == in.Name }) {
			gone = append(gone, in)
			outcome.Channels = append(outcome.Channels, instance.ChannelChange{Name: in.Name, Type: in.Type.Name, Change: instance.Removed})
		}
	}
	return list, gone
}
