package slacktest

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Options say how a Server is.
type Options struct {
	// Token is the bot's in the first workspace. Default "xoxb-fake".
	Token string
	// AppToken is the app's, for Socket Mode. Default "xapp-fake".
	AppToken string
	// Secret signs what is delivered. Default "manyvox-test-secret".
	Secret string
	// Scopes are those of every bot's token. Default all that a method here asks for.
	Scopes []string
	// Teams are further workspaces that have installed the app, beside TeamID.
	Teams []Team
	// RequestURL is where events, payloads and commands are delivered. It is not checked, as
	// SetRequestURL does. Without it and without a socket, deliveries wait.
	RequestURL string
	// BaseURL is where the Server is reached, for the links that it hands out. Default the
	// address at which it was called last.
	BaseURL string
	// Dial connects to RequestURL. Default a net.Dialer's.
	Dial channels.DialFunc
	// Pause is how long to wait before the nth redelivery. Default Slack's: at once, a
	// minute, five minutes.
	Pause func(n int) time.Duration
	// Lose, when it is set, says that the answer to a delivery is lost on its way, when it was
	// tried for the nth time: it is delivered again.
	Lose func(id string, n int) bool
	// Rates has those who call more than Slack takes answered 429.
	Rates bool
	// Grace is how long an answer or an acknowledgement may take. Default 3 s, as at Slack.
	Grace time.Duration
	// Life is how long a socket lives. Default an hour, as at Slack.
	Life time.Duration
	// MentionFirst delivers the app_mention of a mention before its message. Slack promises no
	// order.
	MentionFirst bool
}

// Server is Slack for one app. Close ends its deliveries and its sockets.
type Server struct {
	options Options
	client  *http.Client
	ctx     context.Context //nolint:containedctx // that of the deliveries, which Close ends
	stop    context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed at the next change
	record  record
	ids     ids
	teams   []*Team // the first is TeamID
	users   map[string]*user
	chats   map[string]*Chat
	files   map[string]*File
	hooks   hooks
	inbox   inbox
	sockets sockets
}

// New returns a Server.
func New(o Options) *Server {
	o.Token = cmp.Or(o.Token, "xoxb-fake")
	o.AppToken = cmp.Or(o.AppToken, "xapp-fake")
	o.Secret = cmp.Or(o.Secret, "manyvox-test-secret")
	o.Grace = cmp.Or(o.Grace, slackGrace)
	o.Life = cmp.Or(o.Life, time.Hour)
	if o.Scopes == nil {
		o.Scopes = allScopes()
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	if o.Pause == nil {
		o.Pause = slackPause
	}
	s := &Server{
		options: o, changed: make(chan struct{}),
		users: map[string]*user{}, chats: map[string]*Chat{}, files: map[string]*File{},
		inbox:   inbox{url: o.RequestURL, queues: map[string]*queue{}},
		sockets: sockets{tickets: map[string]bool{}, acks: map[string]chan []byte{}},
		client: &http.Client{
			Transport:     &http.Transport{DialContext: o.Dial, DisableKeepAlives: true},
			CheckRedirect: redirect,
		},
	}
	s.hooks = hooks{base: o.BaseURL, uses: map[string]*hook{}}
	s.record.windows, s.record.refused = map[string][]time.Time{}, map[string]string{}
	s.addTeams()
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends the deliveries and the sockets, and waits for them.
func (s *Server) Close() {
	s.mu.Lock()
	s.stop()
	s.change()
	s.mu.Unlock()
	s.running.Wait()
}

// start runs what Close waits for. The lock is held.
func (s *Server) start(run func()) {
	if s.ctx.Err() == nil {
		s.running.Go(run)
	}
}

// change wakes whoever waits. The lock is held.
func (s *Server) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Wait returns once done reports true, which it is asked after every change, or the error of
// ctx.
func (s *Server) Wait(ctx context.Context, done func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if done() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ctx.Done():
			return errors.New("slacktest: the server is closed")
		}
	}
}

// ServeHTTP answers a call of the Web API at /api/<method>, and the links that the Server hands
// out: sockets, uploads, downloads and response_url. At / is a page to try it by hand.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.learnBase(r)
	path := r.URL.Path
	switch {
	case s.servePage(w, r):
	case strings.HasPrefix(path, "/api/"):
		s.serveMethod(w, r, strings.TrimPrefix(path, "/api/"))
	case strings.HasPrefix(path, "/link"):
		s.serveSocket(w, r)
	case strings.HasPrefix(path, "/upload/v1/"):
		s.serveUpload(w, r, strings.TrimPrefix(path, "/upload/v1/"))
	case strings.HasPrefix(path, "/files-pri/"):
		s.serveFile(w, r)
	case strings.HasPrefix(path, "/actions/"), strings.HasPrefix(path, "/commands/"):
		s.serveHook(w, r)
	default:
		http.NotFound(w, r)
	}
}

var _ http.Handler = (*Server)(nil)
