package channellog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/channellog"
)

func TestTrailOfRequest(t *testing.T) {
	t.Parallel()
	note := func(e channels.Exchange) func(*channellog.Recorder, *channellog.Trail) {
		return func(r *channellog.Recorder, trail *channellog.Trail) { r.Record(trail, e) }
	}
	for _, c := range []struct {
		name   string
		status int
		does   []func(*channellog.Recorder, *channellog.Trail)
		want   []string
	}{
		{"nothing noted", 200, nil, []string{"in POST /webhook 200 answered"}},
		{"nothing noted of a refusal", 404, nil, []string{"in POST /webhook 404 refused"}},
		{"nothing noted of 401", 401, nil, []string{"in POST /webhook 401 unauthenticated"}},
		{"nothing noted of a failure", 502, nil, []string{"in POST /webhook 502 failed"}},
		{
			"a batch", 200,
			[]func(*channellog.Recorder, *channellog.Trail){
				note(channels.Exchange{Verdict: channels.VerdictAccepted, Sender: "ann"}),
				note(channels.Exchange{Verdict: channels.VerdictDuplicate, Sender: "bob"}),
				note(channels.Exchange{Verdict: channels.VerdictIgnored, Text: "reaction_added"}),
			},
			[]string{
				"in POST /webhook 200 accepted ann", "in POST /webhook 200 duplicate bob", "in POST /webhook 200 ignored reaction_added",
			},
		},
		{
			"an error is told once", 403,
			[]func(*channellog.Recorder, *channellog.Trail){
				note(channels.Exchange{Verdict: channels.VerdictRefused, Text: "not on the list"}),
				func(_ *channellog.Recorder, trail *channellog.Trail) {
					trail.Conclude(channels.Exchange{Verdict: channels.VerdictRefused, Text: "again"})
				},
			},
			[]string{"in POST /webhook 403 refused not on the list"},
		},
		{
			"a call of the platform meanwhile", 200,
			[]func(*channellog.Recorder, *channellog.Trail){
				note(channels.Exchange{Direction: channels.DirectionOut, Route: "GET files.example/1", Status: 200}),
			},
			[]string{"out GET files.example/1 200 accepted", "in POST /webhook 200 answered"},
		},
		{
			"another channel's", 200,
			[]func(*channellog.Recorder, *channellog.Trail){
				func(_ *channellog.Recorder, trail *channellog.Trail) { newRecorder().Record(trail, accepted("eve")) },
			},
			[]string{"in POST /webhook 200 answered"},
		},
		{
			"messages whose callers wait", 200,
			[]func(*channellog.Recorder, *channellog.Trail){
				func(r *channellog.Recorder, trail *channellog.Trail) {
					for _, sender := range []string{"ann", "bob"} {
						ctx, pending := r.Receive(trail)
						if sender == "bob" {
							r.Note(ctx, channels.Exchange{Verdict: channels.VerdictDuplicate, Sender: sender})
						}
						pending.Conclude(channels.Exchange{Verdict: channels.VerdictAccepted, Sender: sender})
					}
				},
			},
			[]string{"in POST /webhook 200 accepted ann", "in POST /webhook 200 duplicate bob"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRecorder()
			trail := r.Begin(t.Context(), channels.Exchange{Route: "POST /webhook"})
			for _, do := range c.does {
				do(r, trail)
			}
			trail.EndRequest(c.status, 5)
			trail.EndRequest(c.status, 5) // only the first counts
			if diff := cmp.Diff(c.want, lines(r)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What is noted after the end is an exchange of its own.
func TestTrailAfterItsEnd(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	trail := r.Begin(t.Context(), channels.Exchange{Route: "GET /socket"})
	trail.EndRequest(101, 0)
	ctx, pending := r.Receive(trail)
	r.Record(ctx, channels.Exchange{Verdict: channels.VerdictAccepted, Sender: "ann"})
	pending.Conclude(channels.Exchange{})
	if r.Note(trail, accepted("bob")) {
		t.Error("noted after the end")
	}
	want := []string{"in GET /socket 101 answered", "in 0 accepted ann"}
	if diff := cmp.Diff(want, lines(r)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTrailIsBounded(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	trail := r.Begin(t.Context(), channels.Exchange{Route: "POST /webhook"})
	for n := range 500 {
		r.Record(trail, channels.Exchange{Verdict: channels.VerdictAccepted, Sender: fmt.Sprint("s", n)})
	}
	trail.EndRequest(200, 0)
	got := lines(r)
	if len(got) != 20 || got[19] != "in POST /webhook 200 accepted (and 480 more of this request) s19" {
		t.Errorf("%d entries, the last %q", len(got), got[len(got)-1])
	}
}

func TestTrailOfCall(t *testing.T) {
	t.Parallel()
	call := func(route string, status int) channels.Exchange {
		return channels.Exchange{Direction: channels.DirectionOut, Route: route, Status: status}
	}
	refused := &channels.SendError{Class: channels.SendGone, Code: "channel_not_found", Err: errors.New("no such channel")}
	for _, c := range []struct {
		name  string
		calls []channels.Exchange
		err   error
		want  []string
	}{
		{"taken", []channels.Exchange{call("POST api.example/send", 200)}, nil, []string{"out POST api.example/send 200 accepted ann"}},
		{
			"refused with status 200", []channels.Exchange{call("POST api.example/upload", 200), call("POST api.example/send", 200)}, refused,
			[]string{
				"out POST api.example/upload 200 accepted ann",
				"out POST api.example/send 200 failed gone: no such channel ann",
			},
		},
		{"not by HTTP", nil, nil, []string{"out 0 accepted ann"}},
		{"nobody there", nil, &channels.SendError{Class: channels.SendAbsent}, []string{"out 0 failed absent ann"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRecorder()
			trail := r.Begin(t.Context(), channels.Exchange{Direction: channels.DirectionOut, Sender: "ann"})
			ctx, cancel := context.WithCancel(trail) // as a channel derives its own
			defer cancel()
			for _, e := range c.calls {
				r.Record(ctx, e)
			}
			trail.EndCall(c.err)
			if diff := cmp.Diff(c.want, lines(r)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			entries, _ := r.Since(0)
			if code := entries[len(entries)-1].Code; errors.Is(c.err, refused) && code != "channel_not_found" {
				t.Errorf("code %q", code)
			}
		})
	}
}

// BenchmarkRequest is what the log costs an ordinary webhook.
func BenchmarkRequest(b *testing.B) {
	r := channellog.NewRecorder(channellog.New(), channellog.NewRedactor(&secretive{Token: "a-t0ken-of-usual-length"}), false, slog.New(slog.DiscardHandler))
	b.ReportAllocs()
	for b.Loop() {
		trail := r.Begin(b.Context(), channels.Exchange{Route: "POST /webhook"})
		_, pending := r.Receive(trail)
		pending.Conclude(channels.Exchange{Verdict: channels.VerdictAccepted, Sender: "ann"})
		trail.EndRequest(200, 30)
	}
}
