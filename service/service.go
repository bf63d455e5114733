package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/auth"
	"github.com/manyvox/manyvox/service/delivery"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/intake"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/metrics"
	"github.com/manyvox/manyvox/service/rpc"
	"github.com/manyvox/manyvox/service/server"
	"github.com/manyvox/manyvox/service/turn"
	"github.com/manyvox/manyvox/service/worker"
)

// Config is what a Service is made of.
type Config struct {
	// Channels are those of credentials.yml, in its order.
	Channels []*instance.Config
	// Journal keeps what was taken in. The service does not close it.
	Journal journal.Journal
	// JournalHealth is what the journal reports its commits to (journal.Env.Committed).
	// Nil means that nobody reports: then the journal counts as writable.
	JournalHealth *instance.JournalHealth
	// Agent answers.
	Agent agents.Agent
	turn.AgentOptions
	// ResponseTimeout bounds how long a caller waits, its place in the queue
	// included. 0 means an hour, as in Rasa.
	ResponseTimeout time.Duration
	// Limits bound what one caller can use. The zero value means
	// instance.DefaultLimits.
	Limits instance.Limits
	HTTPOptions
	// AuthToken opens every channel that asks for a token, and guards those that have none
	// of their own and verify no signature, unless their block says "open: true".
	AuthToken channels.Secret
	// OperatorToken opens ConversationService and /metrics. Empty means AuthToken; where
	// that is empty too, nobody may call them.
	OperatorToken channels.Secret
	// Version is told by Health and "GET /".
	Version string
	// Chat holds the files of the chat page, which is then served at /chat/ and shown to
	// browsers that ask for "/". Nil means no page.
	Chat fs.FS
	// Policies are asked at the door, in order, about every message.
	Policies []intake.Policy
	// Log defaults to slog.Default().
	Log *slog.Logger
}

// HTTPOptions say what the port takes.
type HTTPOptions struct {
	// MaxBody is the largest request, in bytes, decompressed. 0 means 1 MiB.
	MaxBody int64
	// MaxStreams bounds the calls at once on one HTTP/2 connection. 0 means
	// server.DefaultMaxStreams.
	MaxStreams int
	// CORS lists the origins whose pages may call; "*" means all, nothing none.
	CORS []string
}

// Validate reports an option that cannot be meant, naming the flag.
func (o *HTTPOptions) Validate() error {
	for _, origin := range o.CORS {
		if err := server.CheckOrigin(origin); err != nil {
			return fmt.Errorf("--cors %w", err)
		}
	}
	return nil
}

// Service takes messages in, has the agent answer and brings the replies back.
type Service struct {
	channels   *instance.Registry
	journal    journal.Journal
	health     *instance.JournalHealth
	limits     instance.Limits
	inFlight   *instance.InFlight
	guard      auth.Guard
	metrics    *metrics.Metrics
	door       *intake.Door
	turns      *turn.Executor
	deliveries *delivery.Deliverer
	handler    http.Handler
	maxStreams int
	log        *slog.Logger

	// base ends when the program must, whatever is in flight.
	base context.Context
	end  context.CancelCauseFunc
}

// New returns a Service. Its work begins with Serve.
func New(c Config) *Service {
	s := &Service{
		journal: c.Journal, health: cmp.Or(c.JournalHealth, &instance.JournalHealth{}),
		limits: cmp.Or(c.Limits, instance.DefaultLimits()), guard: auth.Guard{Program: c.AuthToken, Operator: cmp.Or(c.OperatorToken, c.AuthToken)},
		maxStreams: c.MaxStreams, log: worker.OutageLog(cmp.Or(c.Log, slog.Default())),
	}
	s.base, s.end = context.WithCancelCause(context.Background())
	s.inFlight = instance.NewInFlight(s.limits.Asks)
	s.channels, s.metrics = s.register(c.Channels)
	capacity := instance.NewCapacity(s.journal, &s.limits, s.channels)
	s.turns = turn.New(turn.Config{
		Base: s.base, Agent: c.Agent, AgentOptions: c.AgentOptions, StaleAfter: s.limits.StaleAfter,
		ResponseTimeout:     cmp.Or(c.ResponseTimeout, time.Hour),
		AsksPerConversation: s.limits.AsksPerConversation, Asks: s.limits.Asks,
		InFlight: s.inFlight, Channels: s.channels, Capacity: capacity,
		Locks: s.journal, Asked: s.journal, Inbox: s.journal, Events: s.journal, Log: s.log,
	})
	s.deliveries = delivery.New(s.channels, s.journal, s.limits.StaleAfter, s.log)
	s.door = &intake.Door{
		Messages: s.journal, Presence: s.journal, Turns: s.turns, Guard: s.guard, Limits: &s.limits, Capacity: capacity,
		InFlight: s.inFlight, Policies: c.Policies, Log: s.log,
	}
	for _, in := range s.channels.All() {
		in.Connect(s.door.Inbox(in))
	}
	maxBody := cmp.Or(c.MaxBody, 1<<20)
	s.handler = server.Handler(server.Config{
		Channels: s.channels, RPC: s.services(capacity, c.Version).Handlers(s.guard, maxBody),
		Metrics: s.metrics.Handler(), Ready: s.ready, Guard: s.guard,
		MaxBody: maxBody, CORS: c.CORS, Chat: c.Chat, Version: c.Version,
	})
	return s
}

// register makes the instances of the channels, and the metrics of all.
func (s *Service) register(list []*instance.Config) (*instance.Registry, *metrics.Metrics) {
	var senders []string
	for _, c := range list {
		if c.Sends() {
			senders = append(senders, c.Name)
		}
	}
	m := metrics.New(metrics.Sources{
		Asks:                 func() float64 { return float64(s.inFlight.Count()) },
		JournalErrors:        func() float64 { return float64(s.health.Errors()) },
		AgentCallsLeftBehind: func() float64 { return float64(s.turns.LeftBehind()) },
		Journal:              s.journal, Senders: senders,
	})
	instances := make([]*instance.Instance, len(list))
	for i, c := range list {
		instances[i] = instance.New(*c, m)
	}
	return instance.NewRegistry(instances), m
}

// services returns the services of the typed API.
func (s *Service) services(capacity *instance.Capacity, version string) rpc.Services {
	return rpc.Services{
		Channels: rpc.ChannelService{
			Channels: s.channels, Door: s.door, InFlight: s.inFlight, Journal: s.journal, Version: version,
		},
		Conversations: rpc.Conversations{
			Events:      rpc.Events{Journal: s.journal, Draining: s.inFlight.Draining(), Log: s.log},
			DeadLetters: rpc.DeadLetters{Journal: s.journal, Log: s.log},
			Sends: rpc.Sends{
				Journal: s.journal, Channels: s.channels, Limits: &s.limits, Capacity: capacity, InFlight: s.inFlight, Log: s.log,
			},
			Forgets: rpc.Forgets{Journal: s.journal, Log: s.log},
			Statuses: rpc.Statuses{
				Journal: s.journal, Channels: s.channels, InFlight: s.inFlight, Writable: s.health.IsWritable,
				Holders: []rpc.Holder{s.deliveries, s.turns}, Started: time.Now(), Version: version, Log: s.log,
			},
		},
		Health: rpc.Health{Ready: s.ready},
	}
}

// Handler returns the handler of everything on the one port.
func (s *Service) Handler() http.Handler { return s.handler }

// Drain refuses new messages from now on; turns in flight go on.
func (s *Service) Drain() { s.inFlight.Drain() }

// Holds returns what is held back: channels, their rate keys, agents.
func (s *Service) Holds() []instance.Hold { return append(s.deliveries.Holds(), s.turns.Holds()...) }

// Resume ends what holds back the channel or the agent of a name, and reports whether
// something did.
func (s *Service) Resume(name string) bool {
	channel, agent := s.deliveries.Resume(name), s.turns.Resume(name)
	return channel || agent
}

// ready returns why no messages are taken, nil while they are.
func (s *Service) ready() error {
	switch {
	case s.inFlight.IsDraining():
		return errors.New("shutting down")
	case !s.health.IsWritable():
		return errors.New("the journal cannot be written")
	}
	return nil
}
