package service

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Config is what a Service is made of.
type Config struct {
	// Instances are the channels, in the order of credentials.yml.
	Instances []*Instance
	// Journal keeps what was taken in. The service does not close it.
	Journal journal.Journal
	// Agent answers.
	Agent agents.Agent
	// AgentTimeout bounds a turn. 0 means agents.DefaultTimeout.
	AgentTimeout time.Duration
	// ResponseTimeout bounds how long a caller waits, its place in the queue
	// included. 0 means an hour, as in Rasa.
	ResponseTimeout time.Duration
	// Limits bound what one caller can use. The zero value means DefaultLimits.
	Limits Limits
	// MaxBody is the largest request, in bytes, decompressed. 0 means 1 MiB.
	MaxBody int64
	// AuthToken opens every channel that is open to RPC or has a token.
	AuthToken channels.Secret
	// CORS lists the origins whose pages may call; "*" means all, nothing none.
	CORS []string
	// Version is told by Health and "GET /".
	Version string
	// Chat holds the files of the chat page, which is then served at /chat/ and shown to
	// browsers that ask for "/". Nil means no page.
	Chat fs.FS
	// Policies are asked at the door, in order, about every message.
	Policies []Policy
	// Log defaults to slog.Default().
	Log *slog.Logger
}

// Service takes messages in, has the agent answer and brings the replies back. Its
// Handler serves every protocol.
type Service struct {
	instances       []*Instance
	byName          map[string]*Instance
	agent           agents.Agent
	agentTimeout    time.Duration
	responseTimeout time.Duration
	limits          Limits
	maxBody         int64
	authToken       channels.Secret
	cors            []string
	version         string
	chat            fs.FS
	policies        []Policy
	log             *slog.Logger

	journal *writable
	lanes   *lanes
	metrics *metrics
	scribe  *scribe
	asked   askedTurns
	// base ends when the program must, whatever is under way.
	base     context.Context
	asks     atomic.Int64
	draining atomic.Bool
	drained  chan struct{} // closed by Drain
	goDrain  sync.Once
	idle     chan struct{} // closed once nothing is under way while draining
	goIdle   sync.Once
}

var errDraining = &channels.Error{
	Code: channels.CodeUnavailable, Message: "the service is shutting down", RetryAfter: retryAfter,
}

// New returns a Service.
func New(c Config) *Service {
	s := &Service{
		instances:       c.Instances,
		byName:          map[string]*Instance{},
		agent:           c.Agent,
		agentTimeout:    cmp.Or(c.AgentTimeout, agents.DefaultTimeout),
		responseTimeout: cmp.Or(c.ResponseTimeout, time.Hour),
		limits:          cmp.Or(c.Limits, DefaultLimits()),
		maxBody:         cmp.Or(c.MaxBody, 1<<20),
		authToken:       c.AuthToken,
		cors:            c.CORS,
		version:         c.Version,
		chat:            c.Chat,
		policies:        c.Policies,
		log:             cmp.Or(c.Log, slog.Default()),
		drained:         make(chan struct{}),
		idle:            make(chan struct{}),
		base:            context.Background(),
		asked:           askedTurns{running: map[journal.Key]*asked{}},
	}
	s.metrics = newMetrics(s)
	s.journal = &writable{Journal: c.Journal, errors: s.metrics.unwritten}
	s.lanes, s.scribe = newLanes(s.journal, c.Instances), newScribe(s.journal, s.log)
	for _, in := range c.Instances {
		if g, ok := in.Channel.(channels.Guarded); ok {
			in.token = g.Guarded().Token
		}
		in.counters, in.gate, in.rates = s.metrics.of(in), newGate(in), newRates(in.Channel)
		s.byName[in.Name] = in
	}
	return s
}

// Drain refuses new messages from now on; turns under way go on.
func (s *Service) Drain() {
	s.draining.Store(true)
	s.goDrain.Do(func() { close(s.drained) })
	s.noticeIdle()
}

// noticeIdle is called whenever it may have become so.
func (s *Service) noticeIdle() {
	if s.draining.Load() && s.asks.Load() == 0 {
		s.goIdle.Do(func() { close(s.idle) })
	}
}

// Unguarded returns the names of the channels that anyone who reaches the port may
// write to without a token or a signature.
func (s *Service) Unguarded() []string {
	var names []string
	for _, in := range s.instances {
		if in.Type.RPC && in.token == "" && s.authToken == "" {
			names = append(names, in.Name)
		}
	}
	return names
}
