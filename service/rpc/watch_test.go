package rpc_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/rpc"
	"github.com/manyvox/manyvox/service/servicetest"
)

// replyEvent returns the event of a reply with a text.
func replyEvent(channel, sender, text string) channels.Event {
	return channels.Event{
		Kind: channels.EventReply, Channel: channel, Sender: sender, MessageID: text, Time: time.Now(),
		Replies: []channels.Reply{{Text: text}},
	}
}

func appendEvents(t *testing.T, j journal.Journal, es ...channels.Event) {
	t.Helper()
	if err := j.AppendEvents(context.Background(), es...); err != nil {
		t.Error(err)
	}
}

// A watcher that reconnects again and again, while events are appended, sees each event
// once and in order.
func TestWatchSeesEachEventOnce(t *testing.T) {
	t.Parallel()
	const writers, each = 4, 250
	for _, p := range rpcProtocols() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			store := memory.Open()
			c := service.Config{Agent: servicetest.UncalledAgent(t), Journal: store, OperatorToken: "operator"}
			c.Program = servicetest.JournalID
			h := servicetest.OnLoopback(t, c)
			var writing sync.WaitGroup
			for w := range writers {
				writing.Go(func() {
					for i := range each {
						appendEvents(t, store, replyEvent("chat", strconv.Itoa(w), strconv.Itoa(i)))
					}
				})
			}
			after, next := "oldest", map[string]int{}
			for seen := int64(0); seen < writers*each; {
				var events []*manyvoxv1.Event
				events, after = watchSome(t, p.client(h), after, min(37, int(writers*each-seen)))
				for _, e := range events {
					if seen++; e.GetCursor() != cursor(seen) || e.GetMessageId() != strconv.Itoa(next[e.GetSender()]) {
						t.Fatalf("event %d is %v", seen, e)
					}
					next[e.GetSender()]++
				}
			}
			writing.Wait()
		})
	}
}

// watchSome watches until it has seen n events.
func watchSome(t *testing.T, c manyvoxv1connect.ConversationServiceClient, after string, n int) ([]*manyvoxv1.Event, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(operatorContext(t), servicetest.Timeout)
	defer cancel()
	stream, err := c.WatchEvents(ctx, &manyvoxv1.WatchEventsRequest{After: after})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	var events []*manyvoxv1.Event
	for len(events) < n {
		if !stream.Receive() {
			t.Fatalf("after %d events: %v", len(events), stream.Err())
		}
		after = stream.Msg().GetCursor()
		if e := stream.Msg().GetEvent(); e != nil {
			events = append(events, e)
		}
	}
	cancel()
	return events, after
}

// watchStream is a watch in a bubble, and what it has received so far.
type watchStream struct {
	stop context.CancelFunc

	mu    sync.Mutex
	texts []string
	err   error
	ended bool
}

func watch(t *testing.T, s *servicetest.Harness, p protocol, req *manyvoxv1.WatchEventsRequest) *watchStream {
	t.Helper()
	ctx, stop := context.WithCancel(operatorContext(t))
	w := &watchStream{stop: stop}
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := w.read(ctx, p.client(s.Running), req)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.err, w.ended = err, true
	}()
	t.Cleanup(func() { stop(); <-done })
	synctest.Wait()
	return w
}

func (w *watchStream) read(ctx context.Context, c manyvoxv1connect.ConversationServiceClient, req *manyvoxv1.WatchEventsRequest) error {
	stream, err := c.WatchEvents(ctx, req)
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Receive() {
		text := "watching from " + stream.Msg().GetCursor()
		if e := stream.Msg().GetEvent(); e != nil {
			text = e.GetReply().GetReplies()[0].GetText()
		}
		w.mu.Lock()
		w.texts = append(w.texts, text)
		w.mu.Unlock()
	}
	return stream.Err()
}

func (w *watchStream) seen() ([]string, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.texts, w.ended, w.err
}

// An idle watch shows every 30 s that it is alive.
func TestEdge08_15_WatchFilters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		req  *manyvoxv1.WatchEventsRequest
		want []string
	}{
		{"from now on", &manyvoxv1.WatchEventsRequest{}, []string{"watching from " + cursor(3), "4", "5", "6"}},
		{"above a cursor", &manyvoxv1.WatchEventsRequest{After: cursor(2)}, []string{"watching from " + cursor(2), "3", "4", "5", "6"}},
		{"above the first", &manyvoxv1.WatchEventsRequest{After: cursor(0)}, []string{"watching from " + cursor(0), "1", "2", "3", "4", "5", "6"}},
		{"the oldest", &manyvoxv1.WatchEventsRequest{After: "oldest"}, []string{"watching from oldest", "1", "2", "3", "4", "5", "6"}},
		{"a channel", &manyvoxv1.WatchEventsRequest{After: "oldest", Channel: "chat"}, []string{"watching from oldest", "1", "2", "4", "5"}},
		{"a conversation", &manyvoxv1.WatchEventsRequest{After: "oldest", Channel: "chat", Sender: "ann"}, []string{"watching from oldest", "1", "4"}},
		{"nobody's", &manyvoxv1.WatchEventsRequest{Channel: "mail", Sender: "bob"}, []string{"watching from " + cursor(3)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t)})
				appendEvents(t, s.Journal, replyEvent("chat", "ann", "1"), replyEvent("chat", "bob", "2"), replyEvent("mail", "ann", "3"))
				w := watch(t, s, rpcProtocols()[2], c.req)
				appendEvents(t, s.Journal, replyEvent("chat", "ann", "4"), replyEvent("chat", "bob", "5"))
				appendEvents(t, s.Journal, replyEvent("mail", "ann", "6"))
				servicetest.Advance(time.Hour) // a watch outlives every deadline
				texts, ended, err := w.seen()
				beats := slices.DeleteFunc(slices.Clone(texts[1:]), func(text string) bool { return !strings.HasPrefix(text, "watching from") })
				if len(beats) != int(time.Hour/(30*time.Second)) || beats[0] != "watching from "+cursor(6) {
					t.Errorf("%d heartbeats in an hour: %v", len(beats), beats[:1])
				}
				texts = append(texts[:1], slices.DeleteFunc(texts[1:], func(text string) bool { return strings.HasPrefix(text, "watching from") })...)
				if diff := cmp.Diff(c.want, texts); diff != "" || ended {
					t.Errorf("ended %v, %v (-want +got):\n%s", ended, err, diff)
				}
			})
		})
	}
}

// A watch ends at once when the program shuts down, with a code that means: come back.
func TestWatchEndsWithTheProgram(t *testing.T) {
	t.Parallel()
	for _, p := range rpcProtocols() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t)})
				w := watch(t, s, p, &manyvoxv1.WatchEventsRequest{})
				began := time.Now()
				s.Shutdown()
				if err := <-s.Served; err != nil || time.Since(began) > refusalTime {
					t.Errorf("Serve ends after %v with %v", time.Since(began), err)
				}
				synctest.Wait()
				_, ended, err := w.seen()
				if !ended {
					t.Fatal("the watch goes on")
				}
				checkRefusal(t, "watch", err, connect.CodeUnavailable, "the service is shutting down")
			})
		})
	}
}

// refusalTime is how long a program that shuts down still answers new requests.
const refusalTime = 2 * time.Second

// A draining program refuses new watches.
func TestWatchOfADrainingProgram(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t)})
		s.Drain()
		checkRefusal(t, "watch", watchOnce(t, s, &manyvoxv1.WatchEventsRequest{}), connect.CodeUnavailable, "the service is shutting down")
	})
}

// watchOnce returns the error of a watch that is refused.
func watchOnce(t *testing.T, s *servicetest.Harness, req *manyvoxv1.WatchEventsRequest) error {
	t.Helper()
	w := watch(t, s, rpcProtocols()[0], req)
	if _, ended, err := w.seen(); ended {
		return err
	}
	t.Error("the watch is not refused")
	return nil
}

// A cursor is refused when events after it were deleted, or when it was never given out.
func TestWatchOutOfRange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.UncalledAgent(t), Journal: memory.Keep(time.Hour)})
		appendEvents(t, s.Journal, replyEvent("chat", "ann", "1"), replyEvent("chat", "ann", "2"))
		servicetest.Advance(50 * time.Minute)
		appendEvents(t, s.Journal, replyEvent("chat", "ann", "3"))
		servicetest.Advance(20 * time.Minute)
		c := rpcProtocols()[0].client(s.Running)
		for _, r := range []struct {
			name  string
			after string
			want  string // "" means that it is not refused
		}{
			{"older than what is kept", cursor(1), "events behind this cursor were deleted for their age; the oldest cursor that can be given is " + cursor(2)},
			{"the oldest that can be given", cursor(2), ""},
			{"the newest", cursor(3), ""},
			{"one to come", cursor(4), "no event has this cursor yet; the newest that can be given is " + cursor(3)},
			{"before the oldest", "oldest", ""},
			{"of another journal", rpc.Cursors("another journal").Of(1), `after: it is of another journal; begin with "oldest"`},
		} {
			_, err := c.ListEvents(operatorContext(t), &manyvoxv1.ListEventsRequest{After: r.after})
			if r.want == "" {
				if w := watch(t, s, rpcProtocols()[0], &manyvoxv1.WatchEventsRequest{After: r.after}); w.ended || err != nil {
					t.Errorf("%s: %v, %v", r.name, err, w.err)
				}
				continue
			}
			checkRefusal(t, r.name, err, connect.CodeOutOfRange, r.want)
			checkRefusal(t, r.name, watchOnce(t, s, &manyvoxv1.WatchEventsRequest{After: r.after}), connect.CodeOutOfRange, r.want)
		}
		refused := watchOnce(t, s, &manyvoxv1.WatchEventsRequest{Sender: "ann"})
		checkRefusal(t, "no channel", refused, connect.CodeInvalidArgument, "channel: required beside sender")
	})
}
