package clients_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// run is a client that is about to be led through a case.
type run struct {
	*server
	t        *testing.T
	ctx      context.Context
	client   *client
	protocol string
}

// theCase is a row of the matrix. Its run returns what is wrong, nil where nothing is.
type theCase struct {
	name, what string
	run        func(*run) error
}

// sender is who writes, unless a case says otherwise.
const sender = "ann"

// cases are the rows of the matrix.
func cases() []theCase {
	return []theCase{
		{"Health", "names the channels", (*run).health},
		{"Receive", "a message, its reply", (*run).receive},
		{"ReceiveStream", "started, the deltas and the replies, in order", (*run).stream},
		{"metadata_json", "an integer above 2^53 goes there and comes back", (*run).metadata},
		{"error details", "reason, field and time to wait are read", (*run).details},
		{"retry", "5 attempts at the agent for unavailable, 1 for aborted: by the retry policy where a client has one, else by a loop of the program", (*run).retry},
		{"deadline", "of a stream: deadline_exceeded, and the agent's turn ends", (*run).deadline},
		{"deadline, silent network", "nothing is heard any more, and the client says deadline_exceeded itself", (*run).silence},
		{"cancel", "a stream is cancelled, and the agent's turn ends", (*run).cancel},
		{"gzip", "the request is compressed, and so is the answer", (*run).gzip},
		{"900 KiB", "of request and of reply", func(r *run) error { return r.large(900 << 10) }},
		{"2 MiB", "of reply", (*run).larger},
		{"deep JSON", "200 levels come as text", (*run).deep},
		{"emoji and NUL", "go there and come back", (*run).text},
		{"keepalive", "the client pings while a call is under way, and is not cut", (*run).keepalive},
		{"200 streams", "at once on one connection", (*run).many},
		{"SIGTERM", "an open stream ends with its reply", (*run).terminate},
		{"token", "a wrong one is unauthenticated", (*run).token},
		{"ListEvents", "all pages", (*run).list},
		{"WatchEvents", "resumed by the cursor, each event once", (*run).watch},
		{"Subscribe", "the network is cut, three pushes, resumed, each once", (*run).subscribe},
	}
}

// do has the client do something by way of the proxy, with the token.
func (r *run) do(c command) (result, error) {
	c.Protocol, c.At = r.protocol, cmp.Or(c.At, r.address())
	c.Token, c.Sender = cmp.Or(c.Token, token), cmp.Or(c.Sender, sender)
	return r.client.do(c)
}

// want compares what a client saw.
func want(got result, err error, events ...event) error {
	switch {
	case err != nil:
		return err
	case got.Error != nil:
		return fmt.Errorf("failed with %+v after %d events", *got.Error, len(got.Events))
	case !slices.Equal(got.Events, events):
		return fmt.Errorf("saw %s, want %s", short(got.Events), short(events))
	}
	return nil
}

// wantError compares an error.
func wantError(got result, err error, f failure) error {
	switch {
	case err != nil:
		return err
	case got.Error == nil:
		return fmt.Errorf("no error, want %s", f.Code)
	case *got.Error != f:
		return fmt.Errorf("failed with %+v, want %+v", *got.Error, f)
	}
	return nil
}

// short is a text of events that a page can show.
func short(events []event) string {
	text := fmt.Sprintf("%+v", events)
	if len(text) > 300 {
		return text[:300] + "..."
	}
	return text
}

func reply(text string) event  { return event{Kind: "reply", Text: text} }
func custom(json string) event { return event{Kind: "reply", JSON: json} }

func (r *run) health() error {
	got, err := r.do(command{Do: "health"})
	return want(got, err, event{Kind: "channel", Text: "rest"})
}

func (r *run) receive() error {
	got, err := r.do(command{Do: "receive", Text: "hello"})
	return want(got, err, reply("hello"))
}

func (r *run) stream() error {
	got, err := r.do(command{Do: "stream", Text: "deltas", MessageID: "m-1"})
	return want(got, err, event{Kind: "started", Text: "m-1"}, event{Kind: "delta", Text: "one"}, event{Kind: "delta", Text: " two"},
		reply("one two"), reply("three"))
}

func (r *run) metadata() error {
	const metadata = `{"id":9007199254740993,"b":1,"a":2.50}`
	got, err := r.do(command{Do: "receive", Text: "metadata", MetadataJSON: metadata})
	return want(got, err, custom(metadata))
}

func (r *run) details() error {
	got, err := r.do(command{Do: "receive", Text: "hello", MetadataJSON: "{"})
	wrong := wantError(got, err, failure{Code: "invalid_argument", Reason: "INVALID_ARGUMENT", Field: "metadata_json"})
	got, err = r.do(command{Do: "receive", Text: "busy"})
	busy := wantError(got, err, failure{Code: "resource_exhausted", Reason: "AGENT_OVERLOADED", RetryAfter: "7"})
	got, err = r.do(command{Do: "stream", Text: "busy", Sender: "bob"})
	return errors.Join(wrong, busy, wantError(got, err, failure{Code: "resource_exhausted", Reason: "AGENT_OVERLOADED", RetryAfter: "7"}))
}

func (r *run) retry() error {
	for _, c := range []struct {
		text, reason string
		attempts     int
	}{{"aborted", "TURN_ABORTED", 1}, {"unavailable", "AGENT_UNREACHABLE", 5}} { // then the agent's breaker is open
		got, err := r.do(command{Do: "receive", Text: c.text, Sender: c.text, Retry: true})
		if err := wantError(got, err, failure{Code: c.text, Reason: c.reason}); err != nil {
			return err
		}
		if n := r.attemptsOf(c.text); n != c.attempts {
			return fmt.Errorf("%s: the agent saw %d attempts, want %d", c.text, n, c.attempts)
		}
	}
	return nil
}

func (r *run) deadline() error {
	got, err := r.doShortly(command{Do: "stream", Text: "hang"})
	if err != nil {
		return err
	}
	if err := r.ends(); err != nil {
		return err
	}
	if got.Error == nil || got.Error.Code != "deadline_exceeded" {
		return fmt.Errorf("failed with %+v, want deadline_exceeded", got.Error)
	}
	return nil
}

// doShortly makes a call with a short deadline, and with twice that as long as the agent has not
// seen it: on a busy machine a client may need more to get there.
func (r *run) doShortly(c command) (got result, err error) {
	for c.TimeoutMS = 500; ; c.TimeoutMS *= 2 {
		got, err = r.do(c)
		if err != nil || r.attemptsOf(sender) > 0 || c.TimeoutMS > 60_000 {
			return got, err
		}
	}
}

// silence lets nothing through any more once the agent has the message.
func (r *run) silence() error {
	go func() {
		<-r.began.sent
		r.silent.Store(true)
	}()
	got, err := r.doShortly(command{Do: "receive", Text: "hang"})
	switch {
	case err != nil:
		return err
	case got.Error == nil || got.Error.Code != "deadline_exceeded":
		return fmt.Errorf("failed with %+v, want deadline_exceeded", got.Error)
	}
	return nil
}

func (r *run) cancel() error {
	got, err := r.do(command{Do: "stream", Text: "hang", CancelAfter: 2})
	if err != nil {
		return err
	}
	if err := r.ends(); err != nil {
		return err
	}
	if len(got.Events) < 2 || got.Events[1] != (event{Kind: "delta", Text: "wait"}) {
		return fmt.Errorf("saw %s", short(got.Events))
	}
	return nil
}

// ends waits until the agent's hanging turn has ended.
func (r *run) ends() error {
	select {
	case <-r.end(sender).sent:
		return nil
	case <-time.After(hang):
		return errors.New("the agent's turn does not end")
	}
}

func (r *run) gzip() error {
	text := strings.Repeat("all work and no play ", 2900) + "."
	got, err := r.do(command{Do: "receive", Text: text, Gzip: true})
	if err := want(got, err, reply(text)); err != nil {
		return err
	}
	if up, down := r.up.Load(), r.down.Load(); up > 5000 || down > 5000 {
		return fmt.Errorf("%d bytes were sent and %d came back, for a text of %d", up, down, len(text))
	}
	return nil
}

func (r *run) large(size int) error {
	metadata := `"` + strings.Repeat("a", size) + `"`
	got, err := r.do(command{Do: "receive", Text: "metadata", MetadataJSON: metadata})
	return want(got, err, custom(metadata))
}

func (r *run) larger() error {
	const size = 2 << 20
	whole := custom(`"` + strings.Repeat("a", size-2) + `"`)
	got, err := r.do(command{Do: "receive", Text: fmt.Sprint("large ", size)})
	if err := want(got, err, whole); err != nil {
		return err
	}
	got, err = r.do(command{Do: "stream", Text: fmt.Sprint("large ", size), MessageID: "m-1"})
	return want(got, err, event{Kind: "started", Text: "m-1"}, whole)
}

func (r *run) deep() error {
	const levels = 200
	got, err := r.do(command{Do: "receive", Text: fmt.Sprint("deep ", levels)})
	return want(got, err, custom(nested(levels)))
}

func (r *run) text() error {
	const text = "a\x00b 👩‍👩‍👧 \u202e"
	got, err := r.do(command{Do: "receive", Text: text})
	return want(got, err, reply(text))
}
