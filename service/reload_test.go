package service_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/rest"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/setup"
)

// probe is a channel that has every part of a life, and writes it down.
type probe struct {
	*servicetest.FakeChannel
	life *lives
	name string
	// Key changes its block.
	Key string `yaml:"key"`
	// Slow is how long its Runner takes to stop.
	Slow time.Duration `yaml:"slow"`
}

func (*probe) Validate() error { return nil }

func (p *probe) Open(env channels.Env) (channels.Channel, error) {
	if p.Key == "broken" {
		return nil, errors.New("key: is broken")
	}
	p.name = env.Name + " " + p.Key
	p.FakeChannel = p.life.Channel(env.Name)
	p.life.add("open " + p.name)
	return p, nil
}

func (p *probe) Run(ctx context.Context, _ channels.Inbox) error {
	p.life.add("run " + p.name)
	<-ctx.Done()
	time.Sleep(p.Slow)
	p.life.add("stop " + p.name)
	return nil
}

func (p *probe) Close(context.Context) error {
	p.life.add("close " + p.name)
	return nil
}

// lives are what happened to the probes, in order.
type lives struct {
	servicetest.FakePlatform
	mu   sync.Mutex
	list []string
}

func (l *lives) add(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, what)
}

// take returns what has happened since the last call. What happens at once is in the order of
// its words.
func (l *lives) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

// types are the types that a reload knows; "twin" is another type of the same probes.
func (l *lives) types() []channels.Type {
	return []channels.Type{
		rest.Type(),
		{Name: "probe", Aliases: []string{"probe.Old"}, New: func() channels.Config { return &probe{life: l} }},
		{Name: "twin", New: func() channels.Config { return &probe{life: l} }},
	}
}

// closingAgent is an agent that says its name, and writes down that it was closed.
type closingAgent struct {
	name  string
	life  *lives
	block chan struct{}
}

func (a *closingAgent) Answer(ctx context.Context, _ agents.Turn, r channels.Replier) error {
	if a.block != nil {
		<-a.block
	}
	return r.Reply(ctx, channels.Reply{Text: a.name})
}

func (a *closingAgent) Close(context.Context) error {
	a.life.add("close agent " + a.name)
	return nil
}

// reloading is a service whose configuration a test writes anew.
type reloading struct {
	*servicetest.Harness
	life        *lives
	credentials string
	inUse       *setup.Credentials
	agent       agents.Agent // nil keeps the one in use
	limits      instance.Limits
}

// leaseJournal writes down who gets a lease and gives it up.
type leaseJournal struct {
	journal.Journal
	life *lives
}

func (j *leaseJournal) Lease(ctx context.Context, name string) (context.Context, func(), error) {
	leased, release, err := j.Journal.Lease(ctx, name)
	j.life.add("lease " + name)
	return leased, func() { j.life.add("release " + name); release() }, err
}

func newReloading(t *testing.T, life *lives, credentials string, agent agents.Agent) *reloading {
	t.Helper()
	return newReloadingOn(t, memory.Open(), life, credentials, agent)
}

func newReloadingOn(t *testing.T, j journal.Journal, life *lives, credentials string, agent agents.Agent) *reloading {
	t.Helper()
	r := &reloading{life: life, credentials: credentials, limits: instance.DefaultLimits()}
	first, err := r.load()
	if err != nil {
		t.Fatal(err)
	}
	r.Harness = servicetest.NewHarness(t, &life.FakePlatform, service.Config{
		Channels: first.Channels, Agent: agent, Journal: j, Load: r.load,
	})
	return r
}

func (r *reloading) load() (service.Setup, error) {
	block, err := config.Parse("credentials.yml", []byte(r.credentials), nil)
	if err != nil {
		return service.Setup{}, err
	}
	c, err := setup.ReloadCredentials(block, r.life.types(), "", instance.NewLinks(""), slog.New(slog.DiscardHandler), r.inUse)
	if err != nil {
		return service.Setup{}, err
	}
	r.inUse = c
	return service.Setup{Channels: c.Channels, Agent: r.agent, KeepAgent: r.agent == nil, Limits: r.limits}, nil
}

// reload puts other credentials in use.
func (r *reloading) reload(t *testing.T, credentials string) *instance.Reload {
	t.Helper()
	r.credentials = credentials
	outcome, err := r.Reload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return outcome
}

// happened compares what has happened to the probes.
func (r *reloading) happened(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	if diff := cmp.Diff(want, r.life.take(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what happened (-want +got):\n%s", diff)
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReloading(t, &lives{}, "a: {type: probe, key: 1}\n", servicetest.Echo())
		r.happened(t, "open a 1", "run a 1")

		// What has not changed is not touched, wherever it stands.
		outcome := r.reload(t, "\nb: {type: probe, key: 1}\na:\n  key: 1\n  type: probe\n")
		r.happened(t, "open b 1", "run b 1")
		if diff := cmp.Diff(&instance.Reload{
			Revision: 2, Agent: instance.Kept, Channels: []instance.ChannelChange{
				{Name: "b", Type: "probe", Change: instance.Added}, {Name: "a", Type: "probe", Change: instance.Kept},
			},
		}, outcome, cmpopts.IgnoreFields(instance.Reload{}, "Time")); diff != "" {
			t.Errorf("outcome (-want +got):\n%s", diff)
		}

		// The old one stops before the new one runs, and is closed then.
		outcome = r.reload(t, "a: {type: probe, key: 2}\n")
		got := r.life.take()
		slices.Sort(got[1:3]) // both stop at once
		order := []string{got[0], got[1], got[2]}
		if diff := cmp.Diff([]string{"open a 2", "stop a 1", "stop b 1"}, order); diff != "" {
			t.Errorf("what happened first (-want +got):\n%s", diff)
		}
		slices.Sort(got[3:])
		if diff := cmp.Diff([]string{"close a 1", "close b 1", "run a 2"}, got[3:]); diff != "" {
			t.Errorf("what happened then (-want +got):\n%s", diff)
		}
		if want := (instance.ChannelChange{Name: "b", Type: "probe", Change: instance.Removed}); outcome.Channels[1] != want {
			t.Errorf("the second change is %v, want %v", outcome.Channels[1], want)
		}
		r.Stop(t)
		r.happened(t, "stop a 2", "close a 2")
	})
}

// A reload that fails changes nothing, says why, and closes what it had opened.
func TestReloadFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReloading(t, &lives{}, "a: {type: probe, key: 1}\n", servicetest.Echo())
		r.happened(t, "open a 1", "run a 1")
		const broken = "credentials.yml:3: channel a: key: is broken"
		outcome := r.reload(t, "b: {type: probe}\na:\n  key: broken\n  type: probe\n")
		r.happened(t, "open b ", "close b ")
		if outcome.Err == nil || outcome.Err.Error() != broken || outcome.Revision != 1 {
			t.Errorf("outcome %+v, want %s and revision 1", outcome, broken)
		}
		const twice = `credentials.yml:2: channel probe: named already at credentials.yml:1: give one of them another name and "type: probe"`
		outcome = r.reload(t, "probe: {key: 8}\nprobe.Old: {key: 9}\n")
		r.happened(t, "open probe 8", "open probe 9", "close probe 8", "close probe 9")
		if outcome.Err == nil || outcome.Err.Error() != twice {
			t.Errorf("outcome %v, want %s", outcome.Err, twice)
		}
		revision, last := r.LastReload()
		if revision != 1 || last != outcome {
			t.Errorf("the status shows revision %d and %+v", revision, last)
		}
		r.Post(t, "a", "ann", "hello")
		if n := len(r.Calls()); n == 0 {
			t.Error("the channel does not serve after a reload that failed")
		}
		if outcome = r.reload(t, "a: {type: probe, key: 1}\n"); outcome.Err != nil || outcome.Revision != 2 {
			t.Errorf("outcome %+v of the next", outcome)
		}
	})
}

// A Runner whose block has not changed keeps its lease. Else the lease is given up before the
// new Runner asks for it.
func TestReloadKeepsTheLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		life := &lives{}
		j := &leaseJournal{memory.Open(), life}
		r := newReloadingOn(t, j, life, "a: {type: probe, key: 1}\n", servicetest.Echo())
		r.happened(t, "open a 1", "lease channel a", "run a 1")
		r.reload(t, "a: {type: probe, key: 1}\nrest:\n")
		r.happened(t)
		r.reload(t, "a: {type: probe, key: 2, slow: 5s}\n")
		got := slices.DeleteFunc(life.take(), func(what string) bool { return what == "close a 1" })
		if diff := cmp.Diff([]string{"open a 2", "stop a 1", "release channel a", "lease channel a", "run a 2"}, got); diff != "" {
			t.Errorf("what happened (-want +got):\n%s", diff)
		}
	})
}

// A Runner that does not stop holds a reload up for 10 s and no longer.
func TestReloadLeavesASlowRunnerBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReloading(t, &lives{}, "a: {type: probe, key: 1, slow: 1m}\n", servicetest.Echo())
		r.happened(t, "open a 1", "run a 1")
		began := time.Now()
		r.reload(t, "a: {type: probe, key: 2}\n")
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("the reload took %v", took)
		}
		r.happened(t, "open a 2", "run a 2")
		time.Sleep(time.Minute)
		r.happened(t, "stop a 1", "close a 1")
	})
}

// Parts that wait for a channel go to its new instance. For another type, and for a channel
// that has gone, they wait until it returns.
func TestReloadKeepsWhatWaits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, then string
		moves      bool
	}{
		{"the same", "a: {type: probe, key: 1}\n", true},
		{"another instance of its type", "a: {type: probe, key: 2}\n", true},
		{"another type", "a: {type: twin, key: 1}\n", false},
		{"gone", "rest:\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				life, down := &lives{}, &atomic.Bool{}
				down.Store(true)
				life.OnSend = func(context.Context, channels.Part, int) error {
					if down.Load() {
						return &channels.SendError{Class: channels.SendUnavailable, Err: errors.New("down")}
					}
					return nil
				}
				r := newReloading(t, life, "a: {type: probe, key: 1}\n", servicetest.Echo())
				r.Post(t, "a", "ann", "hello")
				r.reload(t, c.then)
				down.Store(false)
				time.Sleep(time.Hour)
				if sent := accepted(r.Calls()); (sent > 0) != c.moves {
					t.Errorf("%d parts are sent by what came in its place, some: %v", sent, c.moves)
				}
				r.reload(t, "a: {type: probe, key: 1}\n")
				time.Sleep(time.Hour)
				if sent, all := accepted(r.Calls()), len(r.SendsByID()); sent == 0 || sent != all {
					t.Errorf("%d parts of %d are sent in the end", sent, all)
				}
			})
		})
	}
}

// accepted counts the calls that the platform took.
func accepted(calls []servicetest.Call) (n int) {
	for _, c := range calls {
		if c.Err == nil {
			n++
		}
	}
	return n
}

// A message whose channel goes while it waits has its turn when the channel returns. Rows
// that were given out already are put back, with no attempt counted.
func TestReloadKeepsMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		life := &lives{}
		agent := &closingAgent{name: "one", life: life, block: make(chan struct{})}
		r := newReloading(t, life, "a: {type: probe, key: 1}\n", agent)
		for _, text := range []string{"first", "second"} {
			r.Post(t, "a", "ann", text)
		}
		r.reload(t, "rest:\n")
		close(agent.block)
		time.Sleep(time.Hour)
		if n := len(r.Calls()); n != 0 {
			t.Fatalf("%d parts of a channel that has gone are sent", n)
		}
		r.reload(t, "a: {type: probe, key: 2}\n")
		time.Sleep(time.Minute)
		if n := accepted(r.Calls()); n != 2 || len(r.DeadLetters(t)) > 0 {
			t.Errorf("%d answers are sent, want 2; dead letters %q", n, r.DeadLetters(t))
		}
	})
}

// A channel is closed after its last call: a turn that runs, and a Send, keep it open. So does
// a turn its agent, which it began with.
func TestReloadClosesAfterTheLastCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		life, send := &lives{}, make(chan struct{})
		life.OnSend = func(context.Context, channels.Part, int) error { <-send; return nil }
		agent := &closingAgent{name: "one", life: life, block: make(chan struct{})}
		r := newReloading(t, life, "a: {type: probe, key: 1}\n", agent)
		r.Post(t, "a", "ann", "hello")
		r.agent = &closingAgent{name: "two", life: life}
		r.reload(t, "a: {type: probe, key: 2}\n")
		r.agent = nil
		r.happened(t, "open a 1", "run a 1", "open a 2", "stop a 1", "run a 2")
		close(agent.block)
		synctest.Wait()
		got := r.life.take()
		slices.Sort(got)
		if diff := cmp.Diff([]string{"close a 1", "close agent one"}, got); diff != "" {
			t.Errorf("after the turn (-want +got):\n%s", diff)
		}
		r.reload(t, "a: {type: probe, key: 3}\n")
		r.happened(t, "open a 3", "stop a 2", "run a 3") // the Send of a 2 goes on
		close(send)
		r.happened(t, "close a 2")
		r.Post(t, "a", "ann", "again")
		if calls := r.Calls(); len(calls) != 2 || calls[0].Part.Reply.Text != "one" || calls[1].Part.Reply.Text != "two" {
			t.Errorf("calls %+v", calls)
		}
		r.Stop(t)
		got = r.life.take()
		slices.Sort(got)
		if diff := cmp.Diff([]string{"close a 3", "close agent two", "stop a 3"}, got); diff != "" {
			t.Errorf("at the end (-want +got):\n%s", diff)
		}
	})
}

// A pause that the platform asked for goes on where the block has not changed, and ends with
// the instance where it has.
func TestReloadKeepsWhatHoldsAChannelBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		life := &lives{}
		life.OnSend = func(_ context.Context, _ channels.Part, n int) error {
			if n > 1 {
				return nil
			}
			return &channels.SendError{Class: channels.SendThrottled, RetryAfter: time.Hour, Scope: channels.ScopeChannel, Err: errors.New("slow down")}
		}
		r := newReloading(t, life, "a: {type: probe, key: 1}\n", servicetest.Echo())
		r.Post(t, "a", "ann", "hello")
		r.reload(t, "rest:\na: {type: probe, key: 1}\n")
		if holds := r.Holds(); len(holds) != 1 || holds[0].Channel != "a" || time.Until(holds[0].Until) != time.Hour {
			t.Errorf("holds %+v after a reload that keeps the channel", holds)
		}
		r.reload(t, "rest:\na: {type: probe, key: 2}\n")
		if holds := r.Holds(); len(holds) != 0 {
			t.Errorf("holds %+v after a reload that changes the channel", holds)
		}
	})
}

// Routes and limits are those of the last reload.
func TestReloadChangesRoutesAndLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReloading(t, &lives{}, "rest:\n", servicetest.Echo())
		status := func(channel string) int {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL+"/webhooks/"+channel, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res, err := r.HTTP1.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			return res.StatusCode
		}
		if a, b := status("rest"), status("kiosk"); a != 200 || b != 404 {
			t.Errorf("statuses %d and %d before, want 200 and 404", a, b)
		}
		r.limits.Text = 3
		r.reload(t, "kiosk: {type: rest}\na: {type: probe}\n")
		if a, b := status("rest"), status("kiosk"); a != 404 || b != 200 {
			t.Errorf("statuses %d and %d after, want 404 and 200", a, b)
		}
		err := r.Inbox(t, "a").Post(t.Context(), channels.Message{Sender: "ann", Text: "four"})
		if !errors.Is(err, channels.ErrInvalid) {
			t.Errorf("a text over the new limit: %v", err)
		}
	})
}

// A program that ends takes no new configuration.
func TestReloadWhileDraining(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReloading(t, &lives{}, "rest:\n", servicetest.Echo())
		r.Drain()
		if _, err := r.Reload(t.Context()); !errors.Is(err, instance.ErrDraining) {
			t.Errorf("error %v", err)
		}
	})
}

var (
	_ channels.Runner = (*probe)(nil)
	_ channels.Closer = (*probe)(nil)
	_ agents.Closer   = (*closingAgent)(nil)
)
