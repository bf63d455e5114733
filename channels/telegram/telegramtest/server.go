package telegramtest

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Options say how a Server is.
type Options struct {
	// Token is the bot's. Default "9001:fake".
	Token string
	// Username is the bot's. Default vox_test_bot.
	Username string
	// Dial connects to the webhook. Default a net.Dialer's.
	Dial channels.DialFunc
	// Pause is how long to wait before a delivery that failed for the nth time. Default
	// Telegram's: at once, then 2, 4, 8 seconds and so on up to a minute.
	Pause func(n int) time.Duration
	// Lose, when it is set, says that the answer of the webhook to an update is lost on its
	// way, when it was delivered for the nth time: it is delivered again.
	Lose func(update int64, n int) bool
	// Rates has those who write more than Telegram takes answered 429: 20 calls a minute in a
	// group, 30 a second in all.
	Rates bool
	// Grace is how long a webhook may take to answer. Default 60 s, as at Telegram.
	Grace time.Duration
}

// BotID is the id of every Server's bot.
const BotID = 9001

// Server is the Bot API for one bot. Close ends its deliveries.
type Server struct {
	options Options
	client  *http.Client
	ctx     context.Context //nolint:containedctx // that of the deliveries, which Close ends
	stop    context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed at the next change
	calls   []Call
	faults  []fault
	chats   map[int64]*Chat
	files   map[string]File
	nextID  int64
	inbox   inbox
	written []written
}

// New returns a Server.
func New(o Options) *Server {
	o.Token = cmp.Or(o.Token, "9001:fake")
	o.Username = cmp.Or(o.Username, "vox_test_bot")
	o.Grace = cmp.Or(o.Grace, time.Minute)
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	if o.Pause == nil {
		o.Pause = telegramPause
	}
	s := &Server{
		options: o, changed: make(chan struct{}), nextID: 100,
		chats: map[int64]*Chat{}, files: map[string]File{}, inbox: inbox{next: 700001, queues: map[int64]*queue{}, queries: map[string]bool{}, deliveries: map[int64]int{}},
		client: &http.Client{
			Transport:     &http.Transport{DialContext: o.Dial, DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Fake is New for a program that serves the fake by hand.
func Fake(env channels.FakeEnv) http.Handler {
	s := New(Options{Token: env.Token, Dial: env.Dial})
	context.AfterFunc(env.Context, s.Close)
	return s
}

// Close ends the deliveries and waits for them.
func (s *Server) Close() {
	s.stop()
	s.mu.Lock()
	s.change()
	s.mu.Unlock()
	s.running.Wait()
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
		}
	}
}

// ServeHTTP answers a call: /bot<token>/<method>, or /file/bot<token>/<path>. At / is a page to
// try it by hand.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if s.servePage(w, r) {
		return
	}
	if file, ok := strings.CutPrefix(path, "/file/bot"); ok {
		token, name, _ := strings.Cut(file, "/")
		s.serveFile(w, token, name)
		return
	}
	rest, ok := strings.CutPrefix(path, "/bot")
	token, method, found := strings.Cut(rest, "/")
	if !ok || !found || !strings.Contains(token, ":") {
		refuse(404, "Not Found").write(w)
		return
	}
	if token != s.options.Token {
		refuse(401, "Unauthorized").write(w)
		return
	}
	args, err := readArgs(r)
	if err != nil {
		refuse(400, "Bad Request: "+err.Error()).write(w)
		return
	}
	if method == "getUpdates" {
		s.getUpdates(r.Context(), args).write(w)
		return
	}
	s.call(method, args).write(w)
}

// call makes a call, whether it came by a request or in the answer of a webhook.
func (s *Server) call(method string, args args) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	a := s.fault(method)
	if a == nil {
		made := s.make(method, args)
		a = &made
	}
	s.calls = append(s.calls, Call{Method: method, Args: args.plain(), Files: args.files, Status: a.code(), At: time.Now()})
	return *a
}

func (s *Server) make(method string, args args) answer {
	switch method {
	case "getMe":
		return result(map[string]any{
			"id": BotID, "is_bot": true, "first_name": "Vox", "username": s.options.Username,
			"can_join_groups": true, "can_read_all_group_messages": false,
		})
	case "setWebhook":
		return s.setWebhook(args)
	case "deleteWebhook":
		return s.deleteWebhook()
	case "getWebhookInfo":
		return result(map[string]any{"url": s.inbox.url, "pending_update_count": s.inbox.pending(), "last_error_message": s.inbox.lastError})
	case "answerCallbackQuery":
		return s.answerQuery(args)
	case "getFile":
		return s.getFile(args)
	}
	return s.write(method, args)
}

// Call is a call that was made.
type Call struct {
	Method string
	// Args are its parameters: what JSON makes of them.
	Args map[string]any
	// Files are its uploads, by parameter.
	Files map[string]File
	// Status is that of the answer.
	Status int
	// At is when it was made.
	At time.Time
}

// Calls returns the calls of these methods, of all but getUpdates when none is named.
func (s *Server) Calls(methods ...string) (list []Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if len(methods) == 0 || contains(methods, c.Method) {
			list = append(list, c)
		}
	}
	return list
}

func contains(list []string, text string) bool {
	for _, one := range list {
		if one == text {
			return true
		}
	}
	return false
}

// fault is an answer that was ordered.
type fault struct {
	method string
	answer answer
}

// Fail has the next call of a method answered with an error. Parameters may be nil.
func (s *Server) Fail(method string, code int, description string, parameters map[string]any) {
	a := refuse(code, description)
	a.Parameters = parameters
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fault{method, a})
}

// fault takes the next answer that was ordered for a method, nil without one.
func (s *Server) fault(method string) *answer {
	for i, f := range s.faults {
		if f.method == method {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			return &f.answer
		}
	}
	return nil
}
