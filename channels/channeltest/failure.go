package channeltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
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
	for _, f := range append(failures, Failure{"an answer that breaks off", breakOff, channels.SendError{Class: channels.SendUnknown}}) {
		a := s.failing(f.Answer)
		if diff := cmp.Diff(f.Err, *channels.AsSendError(a.err), cmpopts.IgnoreFields(channels.SendError{}, "Err")); a.fault == nil && diff != "" {
			a.fault = fmt.Errorf("the error of Send (-want +got):\n%s", diff)
		}
		if a.fault != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.Name, a.fault))
		}
	}
	return errors.Join(append(errs, s.isDown(), s.hangs(), s.echoes())...)
}

func breakOff(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// said is the text of the part, which no error may repeat.
const said = "t0p-s3cr3t-text"

// attempt is a call of Send: its error, and what is wrong with it whatever it means.
type attempt struct{ err, fault error }

// failing has a channel with other secrets send a part that the platform answers so.
func (s subject) failing(answer http.HandlerFunc) attempt {
	f := startPlatform(s.platform.withDefaults(s.typ))
	defer f.close()
	f.fail = answer
	return s.attempt(context.Background(), f.dial, f.Platform)
}

// attempt sends a part by a channel that connects by dial. Neither the secrets nor the text may
// come out.
func (s subject) attempt(ctx context.Context, dial dialFunc, p Platform) attempt {
	config, err := decode(s.typ, p.Block)
	if err != nil {
		return attempt{fault: err}
	}
	fillSecrets(reflect.ValueOf(config).Elem())
	var log buffer
	channel, err := startWith(dial, s.typ, config, slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if err != nil {
		return attempt{fault: errors.New("the Platform's Block does not open with other secrets")}
	}
	sender := channel.(channels.Sender)
	part, err := partFor(sender, s.typ, p.Taken)
	if err != nil {
		return attempt{fault: err}
	}
	part.Reply.Text = said
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	ctx, b := withBook(ctx)
	ended, err := sendPatiently(ctx, s.patience, sender, part)
	if !ended {
		return attempt{fault: errors.New("its Send does not end with its context")}
	}
	shown := fmt.Sprint(err, log.String())
	for _, e := range b.find(func(channels.Exchange) bool { return true }) {
		shown += e.Code + e.Text
	}
	a := attempt{err: err, fault: hides("the error of Send, or its log,", shown)}
	if strings.Contains(shown, said) {
		a.fault = errors.Join(a.fault, errors.New("the error of Send, or its log, repeats the message's text"))
	}
	return a
}

// sendPatiently calls Send. It reports false when that has not ended a while after its context.
func sendPatiently(ctx context.Context, patience time.Duration, sender channels.Sender, p channels.Part) (ended bool, err error) {
	sent := make(chan error, 1)
	go func() {
		_, err := sender.Send(ctx, p)
		sent <- err
	}()
	select {
	case err := <-sent:
		return true, err
	case <-time.After(2 * patience):
		return false, nil
	}
}

// isDown has nobody listen at the platform's address: the part has not been sent.
func (s subject) isDown() error {
	a := s.attempt(context.Background(), func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") }, s.platform.withDefaults(s.typ))
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
		cancel()
		<-r.Context().Done()
	}
	a := s.attempt(ctx, f.dial, f.Platform)
	if e := channels.AsSendError(a.err); a.fault == nil && e.Class != channels.SendUnknown {
		return fmt.Errorf("the platform does not answer in time: Send's error must have the class unknown_after_send: %w", e)
	}
	return a.fault
}

// echoes has the platform repeat the whole request in what it answers, as some do.
func (s subject) echoes() error {
	var errs []error
	for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusInternalServerError} {
		for _, form := range []string{"%s", `{"ok":false,"error_code":400,"description":%[1]q,"error":%[1]q,"message":%[1]q,"detail":%[1]q}`, `{"error":{"message":%q,"code":100}}`} {
			a := s.failing(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)                    // what there is
				path, _ := url.QueryUnescape(r.URL.RequestURI()) // what can be
				w.WriteHeader(status)
				fmt.Fprintf(w, form, fmt.Sprint(path, " ", r.Header, " ", string(body))) //nolint:gosec // it echoes on purpose
			})
			if a.fault != nil {
				errs = append(errs, fmt.Errorf("the platform repeats the request with status %d: %w", status, a.fault))
			}
		}
	}
	return errors.Join(errs...)
}

// callsItsAddress sends a part and checks that the channel connects to the address in its block
// alone, so that a fake or a server of one's own can stand there.
func callsItsAddress(s subject) error {
	if sends, err := callsPlatform(s.typ); err != nil || !sends || s.platform == nil || s.platform.Recipient == nil {
		return err
	}
	return s.onPlatform(func(ctx context.Context, f *fakePlatform, c channels.Channel) error {
		if err := (isolation{f, s.typ, c.(channels.Sender)}).send(ctx, f.Taken); err != nil {
			return err
		}
		for _, address := range f.dialed() {
			if host, _, err := net.SplitHostPort(address); err != nil || !strings.Contains(f.Block, host) {
				return fmt.Errorf("it connects to %s, which is not in the Platform's Block: a key must say where the platform is", address)
			}
		}
		return nil
	})
}
