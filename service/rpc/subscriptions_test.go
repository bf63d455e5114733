package rpc_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/manyvox/manyvox/agents/echo"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"

	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// listener is a call of Subscribe in a bubble, and what it was told.
type listener struct {
	stop context.CancelFunc
	done chan struct{}

	mu     sync.Mutex
	texts  []string
	beats  int
	cursor string
	err    error
}

func listen(t *testing.T, s *servicetest.Harness, req *manyvoxv1.SubscribeRequest) *listener {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	l := &listener{stop: stop, done: make(chan struct{})}
	client := manyvoxv1connect.NewSubscriptionServiceClient(s.HTTP2, s.URL, connect.WithGRPC())
	go func() {
		defer close(l.done)
		stream, err := client.Subscribe(ctx, req)
		if err == nil {
			for stream.Receive() {
				l.add(stream.Msg())
			}
			err = stream.Err()
			stream.Close()
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.err = err
	}()
	t.Cleanup(l.end)
	synctest.Wait()
	return l
}

func (l *listener) add(res *manyvoxv1.SubscribeResponse) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cursor = res.GetCursor()
	switch {
	case res.GetGap() != nil:
		l.texts = append(l.texts, "gap")
	case res.GetSaid() != nil:
		for _, r := range res.GetSaid().GetReplies() {
			l.texts = append(l.texts, res.GetSaid().GetMessageId()+": "+r.GetText())
		}
	default:
		l.beats++
	}
}

func (l *listener) end() { l.stop(); <-l.done }

func (l *listener) heard() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.texts
}

func checkHeard(t *testing.T, l *listener, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, l.heard()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

// subscribable is a service with a channel that is open to RPC.
func subscribable(t *testing.T, store *memory.Store) *servicetest.Harness {
	t.Helper()
	p := &servicetest.FakePlatform{}
	return servicetest.NewHarness(t, p, service.Config{
		Agent: &echo.Agent{}, Journal: store, Channels: servicetest.Channels(t, "rest:\nguarded: {type: rest, token: s3cret}\n"+servicetest.ChatAndMail, p.Type()),
	})
}

// push sends a message that no user asked for.
func push(t *testing.T, s *servicetest.Harness, sender, id, text string) {
	t.Helper()
	_, err := rpcProtocols()[0].client(s.Running).Send(operatorContext(t), &manyvoxv1.SendRequest{
		Channel: "rest", Sender: sender, MessageId: id, Reply: &manyvoxv1.Reply{Text: proto.String(text)},
	})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func askRest(t *testing.T, s *servicetest.Harness, sender, id, text string) {
	t.Helper()
	_, err := manyvoxv1connect.NewChannelServiceClient(s.HTTP1, s.URL).Receive(t.Context(), &manyvoxv1.ReceiveRequest{Sender: sender, MessageId: id, Message: text})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

// A subscriber is told everything that is said to it, each once and in order, from now on or
// from a cursor on; what is sent counts as sent.
func TestEdge08_15_Subscribe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := subscribable(t, memory.Open())
		askRest(t, s, "ann", "m0", "before")
		l := listen(t, s, &manyvoxv1.SubscribeRequest{Sender: "ann"})
		askRest(t, s, "ann", "m1", "hello")
		push(t, s, "ann", "news", "one\n\ntwo")
		push(t, s, "bob", "other", "for bob")
		checkHeard(t, l, "m1: hello", "news: one", "news: two")
		if n := partsLeft(t, s, "rest"); n != 1 {
			t.Errorf("%d parts wait, want that for bob", n)
		}
		l.end()
		push(t, s, "ann", "late", "three")
		again := listen(t, s, &manyvoxv1.SubscribeRequest{Sender: "ann", After: l.cursor})
		checkHeard(t, again, "late: three")
		everything := listen(t, s, &manyvoxv1.SubscribeRequest{Sender: "ann", After: "oldest"})
		checkHeard(t, everything, "m0: before", "m1: hello", "news: one", "news: two", "late: three")
		push(t, s, "ann", "both", "four")
		checkHeard(t, again, "late: three", "both: four")
	})
}

// partsLeft returns how many parts of a channel wait.
func partsLeft(t *testing.T, s *servicetest.Harness, channel string) int {
	t.Helper()
	synctest.Wait()
	waiting, err := s.Journal.Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return waiting[channel].Outbox
}

// What is sent while nobody subscribes waits, also where the store keeps no texts, and a
// subscriber from now on is told it once.
func TestEdge08_15_SubscribeFindsWhatWaited(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func() *memory.Store{
		"kept": memory.Open, "no texts": func() *memory.Store { return memory.Keep(0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := subscribable(t, open())
				push(t, s, "ann", "news", "one\n\ntwo")
				push(t, s, "ann", "more", "three")
				if n := partsLeft(t, s, "rest"); n != 3 {
					t.Fatalf("%d parts wait, want 3", n)
				}
				l := listen(t, s, &manyvoxv1.SubscribeRequest{Sender: "ann"})
				checkHeard(t, l, "news: one", "news: two", "more: three")
				if n := partsLeft(t, s, "rest"); n != 0 {
					t.Errorf("%d parts wait", n)
				}
				for _, dead := range s.DeadLetters(t) {
					t.Errorf("dead letter %s", dead)
				}
			})
		})
	}
}

// Nobody is told anything without the token of the channel, or of a channel whose platform
// brings messages; too many of one conversation are refused, and so is who comes at the end.
func TestEdge08_15_SubscribeRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := subscribable(t, memory.Open())
		client := manyvoxv1connect.NewSubscriptionServiceClient(s.HTTP2, s.URL, connect.WithGRPC())
		refused := func(ctx context.Context, req *manyvoxv1.SubscribeRequest) error {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			stream, err := client.Subscribe(ctx, req)
			if err != nil {
				return err
			}
			defer stream.Close()
			for stream.Receive() {
			}
			return stream.Err()
		}
		for range 10 {
			listen(t, s, &manyvoxv1.SubscribeRequest{Sender: "many"})
		}
		for _, c := range []struct {
			name   string
			req    *manyvoxv1.SubscribeRequest
			code   connect.Code
			reason string
		}{
			{"no such channel", &manyvoxv1.SubscribeRequest{Channel: "rset"}, connect.CodeNotFound, "CHANNEL_NOT_FOUND"},
			{"not open", &manyvoxv1.SubscribeRequest{Channel: "chat"}, connect.CodeFailedPrecondition, "CHANNEL_NOT_OPEN"},
			{"no token", &manyvoxv1.SubscribeRequest{Channel: "guarded"}, connect.CodeUnauthenticated, "UNAUTHENTICATED"},
			{"a long sender", &manyvoxv1.SubscribeRequest{Sender: strings.Repeat("a", 257)}, connect.CodeInvalidArgument, "INVALID_ARGUMENT"},
			{"no cursor", &manyvoxv1.SubscribeRequest{After: "x"}, connect.CodeInvalidArgument, "INVALID_ARGUMENT"},
			{"another journal's cursor", &manyvoxv1.SubscribeRequest{After: "fedcba98-1"}, connect.CodeOutOfRange, "CURSOR_UNKNOWN"},
			{"one too many", &manyvoxv1.SubscribeRequest{Sender: "many"}, connect.CodeResourceExhausted, "RATE_LIMITED"},
			{"not too many, the token", &manyvoxv1.SubscribeRequest{Sender: "many", Channel: "guarded"}, connect.CodeUnauthenticated, "UNAUTHENTICATED"},
		} {
			t.Log(c.name)
			checkReason(t, refused(t.Context(), c.req), c.code, c.reason)
		}
		s.Drain()
		checkReason(t, refused(t.Context(), &manyvoxv1.SubscribeRequest{}), connect.CodeUnavailable, "DRAINING")
	})
}

// A silent subscription shows every 30 s that it is alive, and ends with the program.
func TestEdge08_15_SubscribeIsAlive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := subscribable(t, memory.Open())
		l := listen(t, s, &manyvoxv1.SubscribeRequest{})
		servicetest.Advance(time.Hour)
		if l.heard(); l.beats != 121 {
			t.Errorf("%d empty responses in an hour, want the first and 120", l.beats)
		}
		s.Drain()
		<-l.done
		checkReason(t, l.err, connect.CodeUnavailable, "DRAINING")
	})
}

// A reader that does not read holds up neither the parts of others nor its own for good.
func TestEdge08_15_SubscribeSlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := subscribable(t, memory.Open())
		client := manyvoxv1connect.NewSubscriptionServiceClient(s.HTTP2, s.URL, connect.WithGRPC())
		for i := range 20 {
			stream, err := client.Subscribe(t.Context(), &manyvoxv1.SubscribeRequest{Sender: fmt.Sprint("slow", i)})
			if err != nil || !stream.Receive() {
				t.Fatal(err)
			}
			defer stream.Close()
			for n := range 20 { // more than the windows of HTTP/2 hold
				push(t, s, fmt.Sprint("slow", i), fmt.Sprint(i, "-", n), strings.Repeat("a", 60<<10))
			}
		}
		l := listen(t, s, &manyvoxv1.SubscribeRequest{Sender: "ann"})
		began := time.Now()
		push(t, s, "ann", "news", "one")
		checkHeard(t, l, "news: one")
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// lateEvents is a journal whose events can be read only a second after they were committed,
// while parts are sent at once.
type lateEvents struct{ *memory.Store }

func (j lateEvents) Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error) {
	page, err := j.Store.Events(ctx, f, after, limit)
	for i := range page.Events {
		if time.Since(page.Events[i].Time) < time.Second {
			page.Next, page.More, page.Events = max(after, 0), false, page.Events[:i]
			if i > 0 {
				page.Next = page.Events[i-1].Cursor
			}
			break
		}
	}
	return page, err
}

// A part that is sent before its event can be read is told once.
func TestEdge08_15_SubscribePartsBeforeTheirEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{}
		s := servicetest.NewHarness(t, p, service.Config{
			Agent: &echo.Agent{}, Journal: lateEvents{memory.Open()}, Channels: servicetest.Channels(t, "rest:\n"+servicetest.ChatAndMail, p.Type()),
		})
		l := listen(t, s, &manyvoxv1.SubscribeRequest{Sender: "ann"})
		push(t, s, "ann", "news", "one\n\ntwo")
		checkHeard(t, l, "news: one", "news: two")
		servicetest.Advance(2 * time.Second)
		push(t, s, "ann", "more", "three") // has the events read
		servicetest.Advance(2 * time.Second)
		push(t, s, "bob", "other", "four")
		servicetest.Advance(time.Minute)
		checkHeard(t, l, "news: one", "news: two", "more: three")
	})
}
