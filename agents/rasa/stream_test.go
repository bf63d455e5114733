package rasa_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/rasa"
	"github.com/manyvox/manyvox/channels"
)

func TestFirstReplyComesBeforeTheSecondIsMade(t *testing.T) {
	t.Parallel()
	shown := make(chan struct{})
	b := onLoopback(t, &fake{answer: func(w http.ResponseWriter, r *http.Request) {
		stream(w, []string{`{"text": "first"}`})
		select {
		case <-shown:
			stream(w, []string{`{"text": "second"}`})
		case <-r.Context().Done():
		}
	}}, streaming)
	rec := &agenttest.Recorder{OnReply: func(r channels.Reply) error {
		if r.Text == "first" {
			close(shown)
		}
		return nil
	}}
	if err := b.ask(t, rec); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"first", "second"}, rec.Texts()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestStreamedBodies(t *testing.T) {
	t.Parallel()
	const unread = "agent rasa: the server's answer cannot be read"
	for _, c := range []struct {
		name, label, body string
		want              []string
		message           string // of the error, if any
		cause             string
	}{
		{"ndjson", "application/x-ndjson", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n", []string{"a", "b"}, "", ""},
		{"no label that tells", "text/html", "{\"text\":\"a\"}\n", []string{"a"}, "", ""},
		{"blank lines", "text/event-stream", "\n{\"text\":\"a\"}\r\n\n \n{\"text\":\"b\"}\n\n", []string{"a", "b"}, "", ""},
		{"no last newline", "text/event-stream", "{\"text\":\"a\"}\n{\"text\":\"b\"}", []string{"a", "b"}, "", ""},
		{"an array", "application/json", `[{"text":"a"}, {"text":"b"}]`, []string{"a", "b"}, "", ""},
		{"an empty array", "application/json", `[]`, nil, "", ""},
		{"nothing", "text/event-stream", "", nil, "", ""},
		{"garbage", "text/html", "{\"text\":\"a\"}\n\n<html>\n", []string{"a"}, unread, "line 3 is not a JSON object"},
		{"events", "text/event-stream", "data: {\"text\":\"a\"}\n\n", nil, unread, "line 1 is not a JSON object"},
		{"half an object", "text/event-stream", "{\"text\":", nil, unread, "line 1 is not a JSON object"},
		{"not UTF-8", "text/event-stream", "{\"custom\":\"\xff\"}\n", nil, unread, "line 1 is not UTF-8"},
		{"an array of texts", "application/json", `["a"]`, nil, unread, "line 1 is not a JSON object"},
		{"a wrong key", "text/event-stream", "{\"text\":\"a\"}\n{\"image\":5}\n", []string{"a"}, unread, "line 2: image: json: cannot unmarshal number into Go value of type string"},
		{
			"the end of a failed turn", "application/x-ndjson",
			"{\"text\":\"a\"}\n{\"recipient_id\":\"x\",\"error\":{\"code\":\"agent_failed\",\"message\":\"bad " + token + "\"}}\n{\"text\":\"b\"}\n",
			[]string{"a"}, "agent rasa: the server reports a failure", "agent_failed: bad <secret>",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, rec := &fake{answer: raw(c.label, c.body)}, &agenttest.Recorder{}
			err := onLoopback(t, f, streaming).ask(t, rec)
			if diff := cmp.Diff(c.want, rec.Texts(), cmp.Transformer("nil", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if c.message == "" && err != nil {
				t.Error(err)
			}
			if c.message != "" {
				expect(t, err, channels.CodeAgentFailed, c.message)
				if got := errors.Unwrap(err); got == nil || got.Error() != c.cause {
					t.Errorf("cause %v, want %v", got, c.cause)
				}
			}
			if got := len(f.seen()); got != 1 {
				t.Errorf("%d turns, want 1", got)
			}
		})
	}
}

// TestQuiet counts the idle time from the request to the first byte, and from each
// byte to the next.
func TestQuiet(t *testing.T) {
	t.Parallel()
	const line = `{"text": "x"}`
	lineAfter := func(wait time.Duration) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(wait)
			stream(w, []string{line})
			time.Sleep(wait)
			failsMidway(line)(w, r)
		}
	}
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		dialing time.Duration
		replies int
		want    time.Duration
	}{
		{"at once", hangs, 0, 0, time.Minute},
		{"before the first reply", failsMidway(), 0, 0, time.Minute},
		{"after two replies", failsMidway(line, line), 0, 2, time.Minute},
		{"in half a line", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"text":`)
			failsMidway()(w, r)
		}, 0, 0, time.Minute},
		{"after slow replies", lineAfter(40 * time.Second), 0, 2, 140 * time.Second},
		{"after a slow connection", hangs, 40 * time.Second, 0, 100 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f, rec := &fake{answer: c.answer}, &agenttest.Recorder{}
				p := serve(t, f)
				p.delay = c.dialing
				b, start := onPipes(t, p, streaming), time.Now()
				err := b.ask(t, rec)
				expect(t, err, channels.CodeDeadlineExceeded, "agent rasa: the server has gone quiet")
				if got := time.Since(start); got != c.want {
					t.Errorf("ended after %v, want %v", got, c.want)
				}
				if got := len(rec.Replies); got != c.replies {
					t.Errorf("%d replies, want %d", got, c.replies)
				}
				if got := len(f.seen()); got != 1 {
					t.Errorf("%d turns, want 1", got)
				}
			})
		})
	}
}

func TestSlowReplierIsNotQuiet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := onPipes(t, serve(t, &fake{answer: replies(`{"text": "a"}`, `{"text": "b"}`)}), streaming)
		rec := &agenttest.Recorder{OnReply: func(channels.Reply) error {
			time.Sleep(2 * time.Minute)
			return nil
		}}
		if err := b.ask(t, rec); err != nil || len(rec.Replies) != 2 {
			t.Errorf("%d replies, error %v", len(rec.Replies), err)
		}
	})
}

func TestCollectedHasNoIdleTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: hangs}
		b, start := onPipes(t, serve(t, f)), time.Now()
		err := b.ask(t, &agenttest.Recorder{})
		expect(t, err, channels.CodeDeadlineExceeded, "agent rasa: the answer took too long")
		if got := time.Since(start); got != rasa.Type().Timeout || len(f.seen()) != 1 {
			t.Errorf("ended after %v and %d turns", got, len(f.seen()))
		}
	})
}

func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	for _, mode := range []rasa.Mode{rasa.ModeAlways, rasa.ModeNever} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			f := &fake{answer: func(w http.ResponseWriter, r *http.Request) {
				cancel()
				hangs(w, r)
			}}
			b := onLoopback(t, f, func(c *rasa.Config) { c.Stream = mode })
			err := b.answer(ctx, t, agenttest.Turn("ann", "hi"), &agenttest.Recorder{})
			if err != context.Canceled { //nolint:errorlint // it promises this very error
				t.Errorf("error %v", err)
			}
			if got := len(f.seen()); got != 1 {
				t.Errorf("%d turns, want 1", got)
			}
		})
	}
}

func TestCollectedBodies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body, cause string
	}{
		{"garbage", "<html>", "the body is not a JSON array"},
		{"nothing", "", "the body is not a JSON array"},
		{"null", "null", "the body is not a JSON array"},
		{"an object", `{"text":"a"}`, "the body is not a JSON array"},
		{"texts", `["a"]`, "reply 1 is not a JSON object"},
		{"nulls", `[null]`, "reply 1 is not a JSON object"},
		{"a wrong key", `[{},{"text":[]}]`, "reply 2: text: json: cannot unmarshal array into Go value of type string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.body) }}
			err := onLoopback(t, f).ask(t, &agenttest.Recorder{})
			expect(t, err, channels.CodeAgentFailed, "agent rasa: the server's answer cannot be read")
			if got := errors.Unwrap(err); got == nil || got.Error() != c.cause {
				t.Errorf("cause %v, want %v", got, c.cause)
			}
			if got := len(f.seen()); got != 1 {
				t.Errorf("%d turns, want 1", got)
			}
		})
	}
}
