package channeltest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// Case is a request to a channel's webhook and what comes of it.
type Case struct {
	Name string

	// Method is POST unless it is set.
	Method string
	// Target is the path and query below /webhooks/<name>; /webhook unless it is set.
	Target string
	Header map[string]string
	Body   string

	// Deltas, Replies and Err are what the Inbox gives.
	Deltas  []string
	Replies []channels.Reply
	Err     error

	// Asked and Posted are the messages that reach the Inbox.
	Asked  []channels.Message
	Posted []channels.Message
	// Status is the answer's, 200 unless it is set.
	Status int
	// Answer is the answer's body.
	Answer string
	// AnswerHeader holds headers of the answer; one that is "" must be absent.
	AnswerHeader map[string]string
	// Logged are the verdicts that the channel's log is told, besides those of the Inbox:
	// by the error that is answered, and by Env.Record. Nil compares nothing.
	Logged []channels.Verdict
}

// Inbound runs each case on a channel.
func Inbound(t *testing.T, channel channels.Channel, cases []Case) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if err := c.run(t.Context(), channel); err != nil {
				t.Error(err)
			}
		})
	}
}

func (c Case) run(ctx context.Context, channel channels.Channel) error {
	c = c.withDefaults()
	ctx, log := withBook(ctx)
	in := &Inbox{Deltas: c.Deltas, Replies: c.Replies, Err: c.Err}
	w, err := serve(channel.Inbound(in), c.request(ctx), maxBody)
	if err != nil {
		return err
	}
	var errs []error
	differ := func(what, diff string) {
		if diff != "" {
			errs = append(errs, fmt.Errorf("%s (-want +got):\n%s", what, diff))
		}
	}
	differ("messages asked", cmp.Diff(c.Asked, in.Asked()))
	differ("messages posted", cmp.Diff(c.Posted, in.Posted()))
	differ("status", cmp.Diff(c.Status, w.Code))
	differ("answer", cmp.Diff(c.Answer, w.Body.String()))
	if c.Logged != nil {
		differ("verdicts in the log", cmp.Diff(c.Logged, log.verdicts()))
	}
	for name, want := range c.AnswerHeader {
		differ("header "+name, cmp.Diff(want, w.Header().Get(name)))
	}
	return errors.Join(errs...)
}

func (c Case) withDefaults() Case {
	if c.Method == "" {
		c.Method = http.MethodPost
	}
	if c.Target == "" {
		c.Target = "/webhook"
	}
	if c.Status == 0 {
		c.Status = http.StatusOK
	}
	return c
}

func (c Case) request(ctx context.Context) *http.Request {
	r := httptest.NewRequestWithContext(ctx, c.Method, c.Target, strings.NewReader(c.Body))
	for name, value := range c.Header {
		r.Header.Set(name, value)
	}
	return r
}

// maxBody is the service's default.
const maxBody = 1 << 20

// serve hands a request to a channel's webhook with its body limited, as the service
// does. A panic is an error.
func serve(h http.Handler, r *http.Request, limit int64) (w *httptest.ResponseRecorder, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	w = httptest.NewRecorder()
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	h.ServeHTTP(noted(w, r), r)
	return w, nil
}

// handlerOf returns a channel's handler: that of its webhook, or of its first route.
func handlerOf(c channels.Channel, in channels.Inbox) http.Handler {
	if h := c.Inbound(in); h != nil {
		return h
	}
	if m, ok := c.(channels.Mounter); ok {
		if routes := m.Mount(in); len(routes) > 0 {
			return routes[0].Handler
		}
	}
	return http.NotFoundHandler()
}
