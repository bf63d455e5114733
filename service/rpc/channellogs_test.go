package rpc_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
)

// logged is a harness with a channel rest, and what records into its log.
func logged(t *testing.T) (*servicetest.Harness, *instance.Config) {
	list := servicetest.Channels(t, "rest:\n")
	return servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Channels: list, Agent: servicetest.UncalledAgent(t)}), list[0]
}

func said(sender string) channels.Exchange {
	return channels.Exchange{Route: "POST /webhook", Status: 200, Verdict: channels.VerdictAccepted, Sender: sender}
}

func unsigned() channels.Exchange {
	return channels.Exchange{Route: "POST /webhook", Status: 401}.WithError(channels.WrongSignature("signing_secret", ""))
}

// logStream is a watch of a log in a bubble, and what it has received so far.
type logStream struct {
	stop context.CancelFunc

	mu    sync.Mutex
	lines []string
	after string
	err   error
	ended bool
}

func watchLog(t *testing.T, s *servicetest.Harness, p protocol, req *manyvoxv1.WatchChannelLogRequest) *logStream {
	t.Helper()
	ctx, stop := context.WithCancel(operatorContext(t))
	w := &logStream{stop: stop}
	done := make(chan struct{})
	go func() {
		defer close(done)
		stream, err := p.client(s.Running).WatchChannelLog(ctx, req)
		for err == nil && stream.Receive() {
			w.add(stream.Msg())
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.ended, w.err = true, err; err == nil {
			w.err = stream.Err()
			_ = stream.Close()
		}
	}()
	t.Cleanup(func() { stop(); <-done })
	synctest.Wait()
	return w
}

func (w *logStream) add(m *manyvoxv1.WatchChannelLogResponse) {
	w.mu.Lock()
	defer w.mu.Unlock()
	line := "alive"
	if e := m.GetExchange(); e != nil {
		line = fmt.Sprintf("%s%s x%d", e.GetSender(), e.GetText(), e.GetCount())
	}
	if m.GetMissed() > 0 {
		line += fmt.Sprintf(" missed %d", m.GetMissed())
	}
	w.lines, w.after = append(w.lines, line), m.GetCursor()
}

// state returns the last cursor, and how the stream has ended.
func (w *logStream) state() (after string, ended bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.after, w.ended, w.err
}

// take returns what came since the last take.
func (w *logStream) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := w.lines
	w.lines = nil
	return lines
}

func TestWatchChannelLog(t *testing.T) {
	t.Parallel()
	for _, p := range rpcProtocols() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, in := logged(t)
				record := in.Exchanges.Record
				expect := func(what string, w *logStream, want ...string) {
					t.Helper()
					if diff := cmp.Diff(want, w.take()); diff != "" {
						t.Errorf("%s (-want +got):\n%s", what, diff)
					}
				}
				record(t.Context(), said("ann"))
				for range 3 {
					record(t.Context(), unsigned())
				}
				w := watchLog(t, s, p, &manyvoxv1.WatchChannelLogRequest{Channel: "rest"})
				expect("what is kept", w, "ann x1", "signature does not match signing_secret x3")
				after, ended, err := w.state()
				if !ended || err != nil {
					t.Errorf("a watch that does not follow: ended %v, %v", ended, err)
				}
				f := watchLog(t, s, p, &manyvoxv1.WatchChannelLogRequest{Channel: "rest", Follow: true, After: after})
				expect("behind the cursor", f, "alive")
				record(t.Context(), said("bob"))
				servicetest.Advance(time.Second)
				expect("one more", f, "bob x1")
				for range 1000 { // told once
					record(t.Context(), unsigned())
				}
				servicetest.Advance(time.Second)
				expect("a flood", f, "signature does not match signing_secret x1003")
				for n := range 300 { // more than are kept
					record(t.Context(), said(fmt.Sprint("s", n)))
				}
				servicetest.Advance(time.Second)
				if got := f.take(); len(got) != 199 || got[0] != "s101 x1 missed 101" || got[198] != "s299 x1" {
					t.Errorf("%d came, from %q to %q", len(got), got[0], got[len(got)-1])
				}
				cursor, _, _ := f.state()
				servicetest.Advance(time.Minute)
				expect("a minute of silence", f, "alive", "alive")
				if after, ended, _ := f.state(); after != cursor || ended {
					t.Errorf("ended %v, cursor %s where it was %s", ended, after, cursor)
				}
			})
		})
	}
}

// A watch ends at once when the program shuts down, with a code that means: come back.
func TestWatchChannelLogEndsWithTheProgram(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := logged(t)
		w := watchLog(t, s, rpcProtocols()[0], &manyvoxv1.WatchChannelLogRequest{Channel: "rest", Follow: true})
		began := time.Now()
		s.Shutdown()
		synctest.Wait()
		took := time.Since(began)
		if _, ended, err := w.state(); !ended || connect.CodeOf(err) != connect.CodeUnavailable || took > 0 {
			t.Errorf("after %v: ended %v, %v", took, ended, err)
		}
	})
}

func TestWatchChannelLogRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := logged(t)
		for _, c := range []struct {
			name string
			req  *manyvoxv1.WatchChannelLogRequest
			code connect.Code
			want string
		}{
			{"no channel", &manyvoxv1.WatchChannelLogRequest{}, connect.CodeInvalidArgument, "channel: required"},
			{"no such channel", &manyvoxv1.WatchChannelLogRequest{Channel: "rset"}, connect.CodeNotFound, "did you mean rest?"},
			{"no cursor", &manyvoxv1.WatchChannelLogRequest{Channel: "rest", After: "?"}, connect.CodeInvalidArgument, "after: not one that was given"},
		} {
			w := watchLog(t, s, rpcProtocols()[0], c.req)
			if _, _, err := w.state(); connect.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		stream, err := rpcProtocols()[0].client(s.Running).WatchChannelLog(t.Context(), &manyvoxv1.WatchChannelLogRequest{Channel: "rest"})
		if err == nil {
			stream.Receive()
			err = stream.Err()
			_ = stream.Close()
		}
		if connect.CodeOf(err) != connect.CodeUnauthenticated {
			t.Errorf("without the operator's token: %v", err)
		}
	})
}

// A cursor of an earlier run stands before all of this one, also where the clock was ahead.
func TestWatchChannelLogOfAnEarlierRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := logged(t)
		in.Exchanges.Record(t.Context(), said("ann"))
		for _, after := range []string{"", "0", "1", "zzzzzzzzzzz"} {
			w := watchLog(t, s, rpcProtocols()[0], &manyvoxv1.WatchChannelLogRequest{Channel: "rest", After: after})
			if got := w.take(); !slices.Equal(got, []string{"ann x1"}) {
				t.Errorf("after %q: %q", after, got)
			}
		}
	})
}

// Each field arrives, in the log and in the status.
func TestExchange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := logged(t)
		began := time.Now()
		in.Exchanges.Record(t.Context(), channels.Exchange{
			Direction: channels.DirectionOut, Route: "POST api.example/\xff", Status: 200, Began: began, Duration: time.Second, Bytes: 7,
			Verdict: channels.VerdictFailed, Code: "not_found", Text: "gone: no chat", Sender: "ann", Message: "left out",
		})
		entries, _ := in.Exchanges.Since(0)
		want := &manyvoxv1.Exchange{
			Id: entries[0].ID, Time: timestamppb.New(began), FirstTime: timestamppb.New(began), Count: 1,
			Direction: manyvoxv1.Exchange_DIRECTION_OUT, Route: "POST api.example/\uFFFD", Status: 200, Duration: durationpb.New(time.Second), Bytes: 7,
			Verdict: manyvoxv1.Exchange_VERDICT_FAILED, Code: "not_found", Text: "gone: no chat", Sender: "ann",
		}
		client := rpcProtocols()[2].client(s.Running)
		stream, err := client.WatchChannelLog(operatorContext(t), &manyvoxv1.WatchChannelLogRequest{Channel: "rest"})
		if err != nil || !stream.Receive() {
			t.Fatal(err, stream.Err())
		}
		if diff := cmp.Diff(want, stream.Msg().GetExchange(), protocmp.Transform()); diff != "" {
			t.Errorf("the log (-want +got):\n%s", diff)
		}
		_ = stream.Close()
		status, err := client.GetStatus(operatorContext(t), &manyvoxv1.GetStatusRequest{})
		if err != nil {
			t.Fatal(err)
		}
		counts := []*manyvoxv1.ExchangeCount{{Direction: want.GetDirection(), Verdict: want.GetVerdict(), Count: 1, Last: want}}
		if diff := cmp.Diff(counts, status.GetChannels()[0].GetExchanges(), protocmp.Transform()); diff != "" {
			t.Errorf("the status (-want +got):\n%s", diff)
		}
	})
}

// Each verdict has a value of its own in the API.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, in := logged(t)
		for v := channels.VerdictAccepted; int(v) < channels.Verdicts; v++ {
			in.Exchanges.Record(t.Context(), channels.Exchange{Verdict: v})
		}
		status, err := rpcProtocols()[0].client(s.Running).GetStatus(operatorContext(t), &manyvoxv1.GetStatusRequest{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range status.GetChannels()[0].GetExchanges() {
			got = append(got, strings.ToLower(strings.TrimPrefix(c.GetVerdict().String(), "VERDICT_")))
		}
		var want []string
		for v := channels.VerdictAccepted; int(v) < channels.Verdicts; v++ {
			want = append(want, v.String())
		}
		if diff := cmp.Diff(want, got); diff != "" || len(manyvoxv1.Exchange_Verdict_name) != channels.Verdicts {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}
