package turn

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/metrics"
)

// Config is what an Executor needs.
type Config struct {
	// Base ends when the program must, whatever is in flight.
	Base context.Context
	// Agent answers until ReplaceAgents.
	Agent agents.Agent
	AgentOptions
	// Agents answer in place of Agent where there are several.
	Agents Agents
	// Metrics count by agent. Nil counts nothing.
	Metrics *metrics.Metrics
	// StaleAfter is the age from which a stored message is not answered any more. 0 means
	// journal.DefaultStaleAfter.
	StaleAfter time.Duration
	// ResponseTimeout bounds how long a caller waits, the wait for the conversation's lock
	// included.
	ResponseTimeout time.Duration
	// Limits say how many callers may wait for the lock of one conversation, and how many
	// turns of AskOnce run at once. Nil means instance.DefaultLimits.
	Limits *instance.LimitsInUse

	// InFlight counts the callers, and those whose call was left behind. Nil counts none.
	InFlight *instance.InFlight
	Channels *instance.Registry
	Capacity *instance.Capacity
	Locks    Locks
	Asked    Asks
	Inbox    Inbox
	Events   Events
	// Media has the bytes of attachments. Nil has none.
	Media Media
	// Delivery shows texts that grow, and that they are being written. Nil shows neither.
	Delivery Delivery
	Log      *slog.Logger
}

// AgentOptions say how the agent is called.
type AgentOptions struct {
	// AgentName is the agent's name for people, AgentType its type's.
	AgentName, AgentType string
	// Fallback names the agent that answers while this one's breaker is open; empty names none.
	Fallback string
	// Concurrency is how many turns run at once. 0 bounds the stored messages alone, and only
	// where there are several agents: by the limit of turns.
	Concurrency int
	// AgentTimeout bounds a turn. 0 means agents.DefaultTimeout.
	AgentTimeout time.Duration
	// Repeat says when a stored message is run again. Empty means agents.RepeatAlways.
	Repeat agents.Repeat
	// OnFailure is what the user is told when a message is given up, where the channel has no
	// sentence of its own; empty tells nothing.
	OnFailure string
	// Program is the id of this program and of those that share its journal. A message that
	// comes back by way of the agent is known by it; empty knows none.
	Program string
}

// Locks gives out the locks of conversations, as journal.Asks does, and knows which are
// paused, as journal.PausedConversations does.
type Locks interface {
	Acquire(ctx context.Context, c channels.Conversation, maxWaiting int) (journal.Lock, error)
	IsPaused(ctx context.Context, c channels.Conversation) (bool, error)
}

// Asks records the turns of messages to which their callers gave an id, as
// journal.Asks does.
type Asks interface {
	Begin(ctx context.Context, lock journal.Lock, e journal.Entry, digest []byte) (journal.Asked, *journal.Known, error)
	SettleAsk(ctx context.Context, a journal.Asked, s journal.Step) error
	Recall(ctx context.Context, k journal.Key) (*journal.Known, error)
}

// Inbox settles the turns of stored messages, as journal.Inbox does.
type Inbox interface {
	Settle(ctx context.Context, c journal.Claim, s journal.Step) error
}

// Events keeps what happened, as journal.Events does.
type Events interface {
	AppendEvents(ctx context.Context, es ...channels.Event) error
	History(ctx context.Context, c channels.Conversation, n int) ([]channels.Event, error)
}

// Executor runs turns, one at a time in each conversation. Its methods may be called
// concurrently.
type Executor struct {
	Config
	agents   atomic.Pointer[agentsInUse]
	events   *eventWriter
	inFlight *inFlightAsks
	running  running
	// handedOver are the stored messages that wait for, or are with, an agent that has places
	// of its own.
	handedOver sync.WaitGroup

	calls      idleCalls
	leftBehind atomic.Int64
}

// New returns an Executor.
func New(c Config) *Executor {
	c.StaleAfter = cmp.Or(c.StaleAfter, journal.DefaultStaleAfter)
	if c.Limits == nil {
		c.Limits = instance.NewLimitsInUse(instance.DefaultLimits())
	}
	if c.Media == nil {
		c.Media = noMedia{}
	}
	if c.InFlight == nil {
		c.InFlight = instance.NewInFlight(math.MaxInt)
	}
	dropped := func(channel string) {
		if in, err := c.Channels.Find(channel); err == nil {
			in.Metrics.EventDropped()
		}
	}
	x := &Executor{
		Config: c, events: newEventWriter(c.Events, dropped, c.Log), inFlight: newInFlightAsks(),
		running: running{turns: map[channels.Conversation]*runningTurn{}},
	}
	if len(c.Agents.List) == 0 {
		c.Agents.List = []Agent{{Agent: c.Agent, AgentOptions: c.AgentOptions}}
	}
	x.agents.Store(x.newAgentsInUse(c.Agents, nil))
	return x
}

// Close returns once the turns of AskOnce and of messages that were handed over have ended, and
// all events are written. When ctx ends before, the events that are left are lost. No turn may
// begin any more.
func (x *Executor) Close(ctx context.Context) {
	x.inFlight.turns.Wait()
	x.handedOver.Wait()
	x.calls.close()
	x.events.close(ctx)
}

// run has the agent answer one message and turns its outcome into the caller's. The
// breaker has let the turn begin.
func (x *Executor) run(ctx context.Context, r *relay) error {
	r.metrics, r.breaker = r.in.Metrics.Turn(), &r.agent.breaker
	began := time.Now()
	err := x.answer(ctx, r)
	if stopped := isStopped(ctx); err == nil || stopped {
		ended := r.finish(outliving(ctx, stopped))
		if err == nil {
			err = ended
		}
	}
	r.close()
	if err != nil {
		err = x.failed(ctx, r, err)
	}
	r.agent.breaker.leave(r.probe, err)
	r.agent.metrics.Ended(time.Since(began), err)
	r.metrics.End(r.shown, err)
	if x.Log.Enabled(ctx, slog.LevelDebug) {
		x.logTurn(ctx, r, time.Since(began), err)
	}
	return err
}

func (x *Executor) logTurn(ctx context.Context, r *relay, took time.Duration, err error) {
	x.Log.DebugContext(ctx, "turn", "channel", r.m.Channel, "agent", r.agent.AgentName, "ms", took.Milliseconds(),
		"conversation", instance.ConversationHash(r.m.Conversation()), "message_id", r.m.ID, "replies", r.shown, "ok", err == nil)
}
