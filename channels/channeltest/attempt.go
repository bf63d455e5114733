package channeltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// callers are the methods by which a channel may call its platform.
func callers() []string { return []string{"Send", "Open", "Append", "Close", "Typing", "Probe"} }

// caller returns the method of that name, which returns what it tells, and nil for a channel that
// lacks the role.
func caller(c channels.Channel, name string, p channels.Part) func(context.Context) (string, error) {
	silent := func(f func(context.Context) error) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) { return "", f(ctx) }
	}
	sent := channels.Receipt{ID: "1"}
	streamer, grows := c.(channels.Streamer)
	switch {
	case name == "Send":
		return silent(func(ctx context.Context) error {
			_, err := c.(channels.Sender).Send(ctx, p)
			return err
		})
	case name == "Open" && grows:
		return silent(func(ctx context.Context) error {
			_, err := streamer.Open(ctx, p)
			return err
		})
	case name == "Append" && grows:
		return silent(func(ctx context.Context) error { return streamer.Append(ctx, p, sent, p.Reply.Text) })
	case name == "Close" && grows:
		return silent(func(ctx context.Context) error {
			_, err := streamer.Close(ctx, p, sent, p.Reply.Text)
			return err
		})
	case name == "Typing":
		if typer, ok := c.(channels.Typer); ok {
			m := channels.Message{ID: "m1", Channel: p.Channel, Sender: p.Sender, Text: p.Reply.Text}
			return silent(func(ctx context.Context) error { return typer.Typing(ctx, m) })
		}
	case name == "Probe":
		if prober, ok := c.(channels.Prober); ok {
			return prober.Probe
		}
	}
	return nil
}

// said is the text of the part, which no error may repeat.
const said = "t0p-s3cr3t-text"

// attempt is a call of a method: its error, and what is wrong with it whatever it means.
type attempt struct{ err, fault error }

// failing has a channel with other secrets call a platform that answers so.
func (s subject) failing(name string, answer http.HandlerFunc) attempt {
	f := startPlatform(s.platform.withDefaults(s.typ))
	defer f.close()
	f.fail = answer
	return s.attempt(context.Background(), name, f.dial, f.Platform)
}

// attempt has a channel that connects by dial call a method. Neither the secrets nor the text may
// come out.
func (s subject) attempt(ctx context.Context, name string, dial dialFunc, p Platform) attempt {
	config, err := decode(s.typ, p.Block)
	if err != nil {
		return attempt{fault: err}
	}
	// Every secret holds the canary, which is then looked for in all that comes out.
	fillSecrets(reflect.ValueOf(config).Elem())
	var log buffer
	channel, err := startWith(dial, s.typ, config, slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if err != nil {
		return attempt{fault: errors.New("the Platform's Block does not open with other secrets")}
	}
	part, err := partFor(channel.(channels.Sender), s.typ, p.Taken)
	if err != nil {
		return attempt{fault: err}
	}
	part.Reply.Text = said // behind Fit, so that it is in the call as it stands here
	call := caller(channel, name, part)
	if call == nil {
		return attempt{}
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	ctx, b := withBook(ctx)
	got, ended := patiently(ctx, s.patience, call)
	if !ended {
		return attempt{fault: fmt.Errorf("its %s does not end with its context", name)}
	}
	// The route of an exchange is left out: the service takes the secrets of the block out of it.
	shown := fmt.Sprint(got.tells, got.err, log.String())
	for _, e := range b.find(func(channels.Exchange) bool { return true }) {
		shown += e.Code + e.Text
	}
	a := attempt{err: got.err, fault: hides("what "+name+" tells or logs", shown)}
	if strings.Contains(shown, said) {
		a.fault = errors.Join(a.fault, fmt.Errorf("what %s tells or logs repeats the message's text", name))
	}
	return a
}

// result is what a method gives.
type result struct {
	tells string
	err   error
}

// patiently makes a call. It reports false when that has not ended a while after its context.
func patiently(ctx context.Context, patience time.Duration, call func(context.Context) (string, error)) (r result, ended bool) {
	done := make(chan result, 1)
	go func() {
		tells, err := call(ctx)
		done <- result{tells, err}
	}()
	select {
	case r := <-done:
		return r, true
	case <-time.After(2 * patience):
		return result{}, false
	}
}

// echoes has the platform repeat the whole request in what it answers, as some do.
func (s subject) echoes() error {
	var errs []error
	for _, name := range callers() {
		for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusInternalServerError} {
			// As it is, and in the places where APIs put their words.
			for _, form := range []string{"%s", `{"ok":false,"error_code":400,"description":%[1]s,"error":%[1]s,"message":%[1]s}`, `{"error":{"message":%s,"code":100}}`} {
				if a := s.failing(name, echo(status, form)); a.fault != nil {
					errs = append(errs, fmt.Errorf("the platform repeats the request with status %d: %w", status, a.fault))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// echo answers with the request, as JSON in a form.
func echo(status int, form string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)                    // what there is
		path, _ := url.QueryUnescape(r.URL.RequestURI()) // what can be
		repeated, _ := json.Marshal(fmt.Sprint(path, " ", r.Header, " ", string(body)))
		w.WriteHeader(status)
		fmt.Fprintf(w, form, repeated)
	}
}

// callsItsAddress makes every call that the channel has, and checks that it connects to the address
// in its block alone, so that a fake or a server of one's own can stand there.
func callsItsAddress(s subject) error {
	if sends, err := callsPlatform(s.typ); err != nil || !sends || s.platform == nil || s.platform.Recipient == nil {
		return err
	}
	return s.onPlatform(func(ctx context.Context, f *fakePlatform, c channels.Channel) error {
		part, err := partFor(c.(channels.Sender), s.typ, f.Taken)
		if err != nil {
			return err
		}
		for _, name := range callers() {
			if call := caller(c, name, part); call != nil {
				_, _ = call(ctx) // whatever it gives, it has dialed
			}
		}
		hosts := f.dialed()
		for _, address := range hosts {
			if host, _, err := net.SplitHostPort(address); err != nil || !strings.Contains(f.Block, host) {
				return fmt.Errorf("it connects to %s, which is not in the Platform's Block: a key must say where the platform is", address)
			}
		}
		if len(hosts) == 0 {
			return errors.New("it does not connect to its platform")
		}
		return nil
	})
}
