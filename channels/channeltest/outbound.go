package channeltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/manyvox/manyvox/channels"
)

// Sent is a reply on its way out, and what comes of it.
type Sent struct {
	Name string
	// Sender is whom it is for, Reply what is said: of a single kind.
	Sender string
	Reply  channels.Reply
	// Answers are the platform's, in the order of the calls. The last one answers all that
	// follow; without any it is status 200 and "{}".
	Answers []http.HandlerFunc

	// Calls are the requests that the platform gets, each as its method, its path with the
	// query, and its body: `POST /messages {"text":"hi"}`.
	Calls []string
	// Header holds headers that each call must have; one that is "" must be absent. Nil compares
	// none.
	Header map[string]string
	// Receipt is the last part's id at the platform.
	Receipt string
	// Err is the error of Send, nil for none. Its Err is not compared.
	Err *channels.SendError
}

// Answer answers with a status and a body.
func Answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Outbound sends each case's reply by a channel that is opened by the block, which must call the
// platform by http. The reply is fitted first, as the service does it, and its parts are sent
// until one fails. No call leaves this machine, and no secret of the block may be in an error or
// the log.
func Outbound(t *testing.T, typ channels.Type, block string, cases []Sent) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if err := c.run(t.Context(), typ, block); err != nil {
				t.Error(err)
			}
		})
	}
}

func (c Sent) run(ctx context.Context, typ channels.Type, block string) error {
	config, err := decode(typ, block)
	if err != nil {
		return err
	}
	recorder := &callRecorder{answers: c.Answers}
	f := &fakePlatform{server: httptest.NewServer(recorder)}
	defer f.close()
	var log buffer
	channel, err := startWith(f.dial, typ, config, slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if err != nil {
		return err
	}
	receipt, err := c.send(ctx, typ, channel)
	calls, headers := recorder.seen()
	errs := []error{c.compare(receipt, err, calls), c.compareHeaders(headers)}
	for _, secret := range secretsOf(reflect.ValueOf(config).Elem()) {
		if strings.Contains(fmt.Sprint(err, log.String()), secret) {
			errs = append(errs, fmt.Errorf("a secret is in its error or its log: %w, %s", err, log.String()))
		}
	}
	return errors.Join(errs...)
}

// send fits the reply and sends its parts.
func (c Sent) send(ctx context.Context, typ channels.Type, channel channels.Channel) (last channels.Receipt, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sender, ok := channel.(channels.Sender)
	if !ok {
		return last, errors.New("the channel is no Sender")
	}
	parts := []channels.Part{{ID: "part", Channel: typ.Name, Sender: c.Sender, Reply: c.Reply}}
	if f, ok := channel.(channels.Fitter); ok {
		parts = f.Fit(parts[0])
	}
	for _, p := range parts {
		if last, err = sender.Send(ctx, p); err != nil {
			return last, err
		}
	}
	return last, nil
}

// compare compares what came of it with what is expected.
func (c Sent) compare(receipt channels.Receipt, err error, calls []string) error {
	var errs []error
	differ := func(what, diff string) {
		if diff != "" {
			errs = append(errs, fmt.Errorf("%s (-want +got):\n%s", what, diff))
		}
	}
	differ("calls", cmp.Diff(c.Calls, calls))
	differ("receipt", cmp.Diff(c.Receipt, receipt.ID))
	var got *channels.SendError
	if err != nil {
		got = channels.AsSendError(err)
	}
	differ("error", cmp.Diff(c.Err, got, cmpopts.IgnoreFields(channels.SendError{}, "Err")))
	return errors.Join(errs...)
}

// compareHeaders compares the headers of each call with those that are expected.
func (c Sent) compareHeaders(calls []http.Header) error {
	var errs []error
	for i, h := range calls {
		for name, want := range c.Header {
			if got := h.Get(name); got != want {
				errs = append(errs, fmt.Errorf("call %d: header %s is %q, want %q", i+1, name, got, want))
			}
		}
	}
	return errors.Join(errs...)
}

// secretsOf returns the secrets of a configuration.
func secretsOf(v reflect.Value) (secrets []string) {
	for _, field := range fieldsOf(v) {
		if field.Type() == secretType && field.String() != "" {
			secrets = append(secrets, field.String())
		}
	}
	return secrets
}

// callRecorder is a platform that keeps the calls that it gets.
type callRecorder struct {
	answers []http.HandlerFunc

	mu      sync.Mutex
	calls   []string
	headers []http.Header
}

// ServeHTTP answers a call.
func (r *callRecorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the channel went away
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	r.headers = append(r.headers, req.Header)
	r.calls = append(r.calls, strings.TrimSpace(req.Method+" "+req.URL.RequestURI()+" "+string(body)))
	answer := Answer(http.StatusOK, "{}")
	if n := len(r.answers); n > 0 {
		answer = r.answers[min(len(r.calls), n)-1]
	}
	r.mu.Unlock()
	answer(w, req)
}

// seen returns the calls, and the headers of each.
func (r *callRecorder) seen() ([]string, []http.Header) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls, r.headers
}
