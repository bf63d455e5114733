package channeltest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/manyvox/manyvox/channels"
)

// Failure is an answer of a platform that does not take a part, and what it means.
type Failure struct {
	Name   string
	Answer http.HandlerFunc
	// Err is the error of Send. Its Err is not compared.
	Err channels.SendError
}

// statuses are the failures of a platform that means by a status what HTTP does.
func statuses() []Failure {
	const gone, down = channels.SendGone, channels.SendUnavailable
	later := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	return []Failure{
		{"400", Answer(400, "{}"), channels.SendError{Class: channels.SendRejected, Code: "400"}},
		{"401", Answer(401, "{}"), channels.SendError{Class: channels.SendUnauthorized, Code: "401"}},
		{"403", Answer(403, "{}"), channels.SendError{Class: gone, Code: "403"}},
		{"429", later, channels.SendError{Class: channels.SendThrottled, RetryAfter: 7 * time.Second, Code: "429"}},
		{"500", Answer(500, "{}"), channels.SendError{Class: down, Code: "500"}},
		{"502, a page", Answer(502, "<html>bad gateway</html>"), channels.SendError{Class: down, Code: "502"}},
	}
}

// told is the classes that each channel must tell apart by what its platform answers.
func told() []channels.SendClass {
	return []channels.SendClass{channels.SendRejected, channels.SendGone, channels.SendThrottled, channels.SendUnavailable, channels.SendUnauthorized}
}

// classesFailures has the platform refuse a part in every way, break off, hang, and be down.
func classesFailures(s subject) error {
	if sends, err := callsPlatform(s.typ); err != nil || !sends || s.platform == nil || s.platform.Recipient == nil {
		return err // that it needs its Platform is said once
	}
	failures := s.platform.Failures
	if failures == nil {
		failures = statuses()
	}
	// A list that leaves a class out would pass a channel that never gives it.
	var errs []error
	for _, class := range told() {
		if !slices.ContainsFunc(failures, func(f Failure) bool { return f.Err.Class == class }) {
			errs = append(errs, fmt.Errorf("no failure of its Platform has the class %s", class))
		}
	}
	for _, f := range failures {
		if f.Err.Class == channels.SendThrottled && f.Err.RetryAfter == 0 {
			errs = append(errs, fmt.Errorf("%s: a platform that throttles says for how long", f.Name))
		}
	}
	breaksOff := Failure{"an answer that breaks off", breakOff, channels.SendError{Class: channels.SendUnknown}}
	for _, f := range append(slices.Clone(failures), breaksOff) {
		a := s.failing("Send", f.Answer)
		if diff := cmp.Diff(f.Err, *channels.AsSendError(a.err), cmpopts.IgnoreFields(channels.SendError{}, "Err")); a.fault == nil && diff != "" {
			a.fault = fmt.Errorf("the error of Send (-want +got):\n%s", diff)
		}
		if a.fault != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.Name, a.fault))
		}
	}
	return errors.Join(append(errs, s.isDown(), s.hangs(), s.echoes())...)
}

// breakOff closes the connection of a call without an answer.
func breakOff(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// isDown has nobody listen at the platform's address: the part has not been sent.
func (s subject) isDown() error {
	a := s.attempt(context.Background(), "Send", func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") }, s.platform.withDefaults(s.typ))
	if e := channels.AsSendError(a.err); a.fault == nil && e.Class != channels.SendUnavailable {
		return fmt.Errorf("the platform cannot be reached: Send's error must have the class unavailable: %w", e)
	}
	return a.fault
}

// hangs ends the context of Send while the platform does not answer: it may have taken the part.
func (s subject) hangs() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	f := startPlatform(s.platform.withDefaults(s.typ))
	defer f.close()
	defer f.server.CloseClientConnections() // a channel that hangs has a call under way
	f.fail = func(_ http.ResponseWriter, r *http.Request) {
		// The call has arrived, so that nobody can say that nothing was sent.
		cancel()
		<-r.Context().Done()
	}
	a := s.attempt(ctx, "Send", f.dial, f.Platform)
	if e := channels.AsSendError(a.err); a.fault == nil && e.Class != channels.SendUnknown {
		return fmt.Errorf("the platform does not answer in time: Send's error must have the class unknown_after_send: %w", e)
	}
	return a.fault
}
