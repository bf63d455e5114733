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
	"github.com/manyvox/manyvox/service/media"
	"github.com/manyvox/manyvox/service/metrics"
	"github.com/manyvox/manyvox/service/openapi"
	"github.com/manyvox/manyvox/service/push"
	"github.com/manyvox/manyvox/service/rpc"
	"github.com/manyvox/manyvox/service/server"
	"github.com/manyvox/manyvox/service/turn"
	"github.com/manyvox/manyvox/service/worker"
)

const (
	// DefaultMaxBody is how many bytes a request may have, decompressed, when the Config does
	// not say.
	DefaultMaxBody = 1 << 20
	// defaultResponseTimeout is Rasa's.
	defaultResponseTimeout = time.Hour
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
	// Agents answer in place of Agent where there are several.
	Agents turn.Agents
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
	// Links make and check the links at which media are read. Nil means that there are none,
	// without a --public-url.
	Links *instance.Links
	// Chat holds the files of the chat page, which is then served at /chat/ and shown to
	// browsers that ask for "/". Nil means no page.
	Chat fs.FS
	// Policies are asked at the door, in order, about every message.
	Policies []intake.Policy
	// Load reads the configuration again, for Reload. What it returns is put in use: when it
	// fails it has closed what it opened. Calls do not overlap. Nil means that the program
	// keeps the configuration that it has.
	Load func() (Setup, error)
	// Log defaults to slog.Default().
	Log *slog.Logger
}

// HTTPOptions say what the port takes and shows.
type HTTPOptions struct {
	// MaxBody is the largest request, in bytes, decompressed. 0 means DefaultMaxBody.
	MaxBody int64
	// MaxStreams bounds the calls at once on one HTTP/2 connection. 0 means
	// server.DefaultMaxStreams.
	MaxStreams int
	// CORS lists the origins whose pages may call, and show the chat page in a frame; "*"
	// means all, nothing none.
	CORS []string
	// ChatSettings are what the chat page shows of whom it belongs to. Without a title they
	// are instance.DefaultChatSettings.
	ChatSettings instance.ChatSettings
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
	rooms
	journal  journal.Journal
	limits   *instance.LimitsInUse
	inFlight *instance.InFlight
	metrics  *metrics.Metrics
	reloads  *reloads
	closings *closings
	log      *slog.Logger
	// turnSlots bound how many stored messages are answered at once.
	turnSlots  *worker.Slots
	maxStreams int

	// base ends when the program must, whatever is in flight.
	base context.Context
	end  context.CancelCauseFunc
}

// rooms are what a message goes through.
type rooms struct {
	channels   *instance.Registry
	health     *instance.JournalHealth
	guard      auth.Guard
	door       *intake.Door
	turns      *turn.Executor
	deliveries *delivery.Deliverer
	port       *server.Port
	pushes     push.Pushes

	subscribers *instance.Subscribers
}

// New returns a Service. Its work begins with Serve.
func New(c Config) *Service {
	limits := cmp.Or(c.Limits, instance.DefaultLimits())
	s := &Service{
		journal: c.Journal, limits: instance.NewLimitsInUse(limits), inFlight: instance.NewInFlight(limits.Asks),
		turnSlots: worker.NewSlots(limits.Turns), maxStreams: c.MaxStreams, log: worker.OutageLog(cmp.Or(c.Log, slog.Default())),
	}
	s.base, s.end = context.WithCancelCause(context.Background())
	s.channels, s.health = &instance.Registry{}, cmp.Or(c.JournalHealth, &instance.JournalHealth{})
	s.guard = auth.Guard{Program: c.AuthToken, Operator: cmp.Or(c.OperatorToken, c.AuthToken)}
	s.metrics = s.newMetrics()
	s.closings = newClosings(s.log)
	s.reloads = &reloads{s: s, load: c.Load, revision: 1, runners: &runners{s: s}, started: make(chan struct{})}
	capacity := instance.NewCapacity(s.journal, s.limits, s.channels)
	library := media.New(media.Config{
		Store: s.journal, Disk: capacity, Links: cmp.Or(c.Links, instance.NewLinks("")),
		AgentTimeout:    func() time.Duration { return s.turns.TimeoutInUse() },
		ResponseTimeout: cmp.Or(c.ResponseTimeout, defaultResponseTimeout), Log: s.log,
	})
	s.subscribers = instance.NewSubscribers(s.journal)
	s.deliveries = delivery.New(nil, s.journal, limits.StaleAfter, s.log)
	s.turns = turn.New(turn.Config{
		Base: s.base, Agent: c.Agent, AgentOptions: c.AgentOptions, Agents: c.Agents, Metrics: s.metrics, StaleAfter: limits.StaleAfter,
		ResponseTimeout: cmp.Or(c.ResponseTimeout, defaultResponseTimeout), Limits: s.limits,
		InFlight: s.inFlight, Channels: s.channels, Capacity: capacity,
		Locks: s.journal, Asked: s.journal, Inbox: s.journal, Events: s.journal, Media: library, Delivery: s.deliveries,
		Log: s.log,
	})
	s.door = &intake.Door{
		Messages: s.journal, Choices: s.journal, Presence: s.journal, Aliases: s.journal, Turns: s.turns, Media: library, Guard: s.guard,
		Limits: s.limits, Capacity: capacity, InFlight: s.inFlight, Program: c.Program, Policies: c.Policies, Log: s.log,
	}
	s.pushes = push.Pushes{
		Journal: s.journal, Channels: s.channels, Limits: s.limits, Capacity: capacity, InFlight: s.inFlight, Log: s.log,
	}
	maxBody := cmp.Or(c.MaxBody, DefaultMaxBody)
	if c.ChatSettings.Title == "" {
		c.ChatSettings = instance.DefaultChatSettings()
	}
	s.port = server.NewPort(server.Config{
		RPC: s.services(c.Program, c.Version).Handlers(s.guard, maxBody), Metrics: s.metrics.Handler(), Ready: s.ready,
		Uploads: library.Uploads, Media: library.Reads, AgentMessages: s.agentDoor(),
		OpenAPI: openapi.Handler(),
		Guard:   s.guard, MaxBody: maxBody, CORS: c.CORS, Chat: c.Chat, ChatSettings: c.ChatSettings, Version: c.Version,
	})
	s.use(c.Channels)
	return s
}

// use puts the first channels in use.
func (s *Service) use(configs []*instance.Config) {
	list := make([]*instance.Instance, len(configs))
	for i, c := range configs {
		list[i] = s.connect(c)
	}
	s.channels.Replace(list)
	s.deliveries.Replace(list)
	s.port.Serve(list)
}

// connect makes the instance of a channel and lets its messages through to the door.
func (s *Service) connect(c *instance.Config) *instance.Instance {
	withSubscribers := *c
	withSubscribers.Subscribers = s.subscribers
	in := instance.New(withSubscribers, s.metrics)
	in.Connect(s.door.Inbox(in))
	return in
}

// agentDoor returns what takes the messages of agents.
func (s *Service) agentDoor() http.Handler {
	return push.Door{
		Pushes: s.pushes, Agent: s.turns.AgentInUse, Log: s.log,
		Conversations: push.Conversations{Journal: s.journal, Channels: s.channels, Flush: s.turns.Flush},
	}
}

// newMetrics makes the metrics of all.
func (s *Service) newMetrics() *metrics.Metrics {
	return metrics.New(metrics.Sources{
		Asks:                 func() float64 { return float64(s.inFlight.Count()) },
		JournalErrors:        func() float64 { return float64(s.health.Errors()) },
		AgentBreakers:        s.agentBreakers,
		AgentCallsLeftBehind: func() float64 { return float64(s.turns.LeftBehind()) },
		Journal:              s.journal, Senders: s.channels.Senders,
	})
}

// agentBreakers returns whose circuit breakers are open.
func (s *Service) agentBreakers() map[string]bool {
	open := map[string]bool{}
	for _, a := range s.turns.AgentStates() {
		open[a.Name] = a.Breaker != nil
	}
	return open
}

// services returns the services of the typed API.
func (s *Service) services(program, version string) rpc.Services {
	cursors := rpc.Cursors(program)
	events := rpc.Events{Journal: s.journal, Cursors: cursors, Draining: s.inFlight.Draining(), Log: s.log}
	return rpc.Services{
		Channels: rpc.ChannelService{
			Channels: s.channels, Door: s.door, InFlight: s.inFlight,
		},
		Conversations: rpc.Conversations{
			Events:      events,
			DeadLetters: rpc.DeadLetters{Journal: s.journal, Cursors: cursors, Log: s.log},
			Sends:       rpc.Sends{Pushes: s.pushes},
			Forgets:     rpc.Forgets{Journal: s.journal, Log: s.log},
			ChannelLogs: rpc.ChannelLogs{Channels: s.channels, Draining: s.inFlight.Draining()},
			Reloads:     rpc.Reloads{Reloader: s},
			Pauses: rpc.Pauses{Paused: instance.PausedConversations{
				Journal: s.journal, Channels: s.channels, Limits: s.limits, Log: s.log,
			}},
			Statuses: rpc.Statuses{
				Journal: s.journal, Channels: s.channels, InFlight: s.inFlight, Writable: s.health.IsWritable,
				Holders: []rpc.Holder{s}, Agents: s.turns.AgentStates, Started: time.Now(), Version: version, Log: s.log,
			},
		},
		Subscriptions: rpc.Subscriptions{
			Events: events, Channels: s.channels, Door: s.door, Subscribers: s.subscribers,
		},
		Health: rpc.Health{Ready: s.ready, Draining: s.inFlight.Draining()},
	}
}

// Handler returns the handler of everything on the one port.
func (s *Service) Handler() http.Handler { return s.port }

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
