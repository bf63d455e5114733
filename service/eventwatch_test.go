package service_test

import (
	"context"
	"strconv"
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
)

// spoken is an event of a conversation that tells a text.
func spoken(channel, sender, text string) channels.Event {
	return channels.Event{
		Kind: channels.EventReply, Channel: channel, Sender: sender, MessageID: text, Time: time.Now(),
		Replies: []channels.Reply{{Text: text}},
	}
}

func tell(t *testing.T, j journal.Journal, es ...channels.Event) {
	t.Helper()
	if err := j.AppendEvents(context.Background(), es...); err != nil {
		t.Error(err)
	}
}

// A watcher that is cut off again and again, while writers write, sees each event once
// and in order.
func TestWatchSeesEachEventOnce(t *testing.T) {
	t.Parallel()
	const writers, each = 4, 250
	for _, tongue := range tongues() {
		t.Run(tongue.name, func(t *testing.T) {
			t.Parallel()
			store := memory.Open()
			h := listen(t, service.Config{Agent: quiet(t), Journal: store})
			var writing sync.WaitGroup
			for w := range writers {
				writing.Go(func() {
					for i := range each {
						tell(t, store, spoken("chat", strconv.Itoa(w), strconv.Itoa(i)))
					}
				})
			}
			after, next := int64(-1), map[string]int{}
			for seen := int64(0); seen < writers*each; {
				var events []*manyvoxv1.Event
				events, after = watchSome(t, tongue.client(h), after, min(37, int(writers*each-seen)))
				for _, e := range events {
					if seen++; e.GetCursor() != seen || e.GetMessageId() != strconv.Itoa(next[e.GetSender()]) {
						t.Fatalf("event %d is %v", seen, e)
					}
					next[e.GetSender()]++
				}
			}
			writing.Wait()
		})
	}
}

// watchSome watches until it has seen n events, and goes.
func watchSome(t *testing.T, c manyvoxv1connect.ConversationServiceClient, after int64, n int) ([]*manyvoxv1.Event, int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stream, err := c.WatchEvents(ctx, &manyvoxv1.WatchEventsRequest{After: &after})
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

// watching is a watch in a bubble, and what it has brought so far.
type watching struct {
	stop context.CancelFunc

	mu    sync.Mutex
	texts []string
	err   error
	ended bool
}

func (s *stage) watch(t *testing.T, tongue tongue, req *manyvoxv1.WatchEventsRequest) *watching {
	t.Helper()
	ctx, stop := context.WithCancel(operator(t))
	w := &watching{stop: stop}
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := w.read(ctx, tongue.client(s.house), req)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.err, w.ended = err, true
	}()
	t.Cleanup(func() { stop(); <-done })
	synctest.Wait()
	return w
}

func (w *watching) read(ctx context.Context, c manyvoxv1connect.ConversationServiceClient, req *manyvoxv1.WatchEventsRequest) error {
	stream, err := c.WatchEvents(ctx, req)
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Receive() {
		text := "watching from " + strconv.FormatInt(stream.Msg().GetCursor(), 10)
		if e := stream.Msg().GetEvent(); e != nil {
			text = e.GetReply().GetReplies()[0].GetText()
		}
		w.mu.Lock()
		w.texts = append(w.texts, text)
		w.mu.Unlock()
	}
	return stream.Err()
}

func (w *watching) seen() ([]string, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.texts, w.ended, w.err
}

func TestWatchFilters(t *testing.T) {
	t.Parallel()
	from := func(cursor int64) *int64 { return &cursor }
	for _, c := range []struct {
		name string
		req  *manyvoxv1.WatchEventsRequest
		want []string
	}{
		{"from now on", &manyvoxv1.WatchEventsRequest{}, []string{"watching from 3", "4", "5", "6"}},
		{"above a cursor", &manyvoxv1.WatchEventsRequest{After: from(2)}, []string{"watching from 2", "3", "4", "5", "6"}},
		{"above the first", &manyvoxv1.WatchEventsRequest{After: from(0)}, []string{"watching from 0", "1", "2", "3", "4", "5", "6"}},
		{"the oldest", &manyvoxv1.WatchEventsRequest{After: from(-1)}, []string{"watching from -1", "1", "2", "3", "4", "5", "6"}},
		{"a channel", &manyvoxv1.WatchEventsRequest{After: from(-1), Channel: "chat"}, []string{"watching from -1", "1", "2", "4", "5"}},
		{"a conversation", &manyvoxv1.WatchEventsRequest{After: from(-1), Channel: "chat", Sender: "ann"}, []string{"watching from -1", "1", "4"}},
		{"nobody's", &manyvoxv1.WatchEventsRequest{Channel: "mail", Sender: "bob"}, []string{"watching from 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := perform(t, &platform{}, service.Config{Agent: quiet(t)})
				tell(t, s.journal, spoken("chat", "ann", "1"), spoken("chat", "bob", "2"), spoken("mail", "ann", "3"))
				w := s.watch(t, tongues()[2], c.req)
				tell(t, s.journal, spoken("chat", "ann", "4"), spoken("chat", "bob", "5"))
				tell(t, s.journal, spoken("mail", "ann", "6"))
				pass(time.Hour) // a watch outlives every deadline
				texts, ended, err := w.seen()
				if diff := cmp.Diff(c.want, texts); diff != "" || ended {
					t.Errorf("ended %v, %v (-want +got):\n%s", ended, err, diff)
				}
			})
		})
	}
}

// A watch ends at once when the program shuts down, and its reader knows to return.
func TestWatchEndsWithTheProgram(t *testing.T) {
	t.Parallel()
	for _, tongue := range tongues() {
		t.Run(tongue.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := perform(t, &platform{}, service.Config{Agent: quiet(t)})
				w := s.watch(t, tongue, &manyvoxv1.WatchEventsRequest{})
				began := time.Now()
				s.close()
				if err := <-s.served; err != nil || time.Since(began) > notice {
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

// notice is how long a program that shuts down tells so before it closes its door.
const notice = 2 * time.Second

// While turns under way keep the program alive, no watch does.
func TestWatchOfADrainingProgram(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{}, service.Config{Agent: quiet(t)})
		s.Drain()
		checkRefusal(t, "watch", s.watchOnce(t, &manyvoxv1.WatchEventsRequest{}), connect.CodeUnavailable, "the service is shutting down")
	})
}

// watchOnce returns the error of a watch that cannot stand.
func (s *stage) watchOnce(t *testing.T, req *manyvoxv1.WatchEventsRequest) error {
	t.Helper()
	w := s.watch(t, tongues()[0], req)
	if _, ended, err := w.seen(); ended {
		return err
	}
	t.Error("the watch stands")
	return nil
}

// A cursor whose successors are gone is refused; so is one that nobody gave.
func TestWatchOutOfRange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{}, service.Config{Agent: quiet(t), Journal: memory.Keep(time.Hour)})
		tell(t, s.journal, spoken("chat", "ann", "1"), spoken("chat", "ann", "2"))
		pass(50 * time.Minute)
		tell(t, s.journal, spoken("chat", "ann", "3"))
		pass(20 * time.Minute)
		c := tongues()[0].client(s.house)
		for _, r := range []struct {
			name  string
			after int64
			want  string // "" means that it stands
		}{
			{"older than what is kept", 1, "events above this cursor were deleted for their age; the oldest cursor that can be given is 2"},
			{"the oldest that can be given", 2, ""},
			{"the newest", 3, ""},
			{"one to come", 4, "no event has this cursor yet; the newest that can be given is 3"},
			{"before the oldest", -1, ""},
		} {
			_, err := c.ListEvents(operator(t), &manyvoxv1.ListEventsRequest{After: &r.after})
			if r.want == "" {
				if w := s.watch(t, tongues()[0], &manyvoxv1.WatchEventsRequest{After: &r.after}); w.ended || err != nil {
					t.Errorf("%s: %v, %v", r.name, err, w.err)
				}
				continue
			}
			checkRefusal(t, r.name, err, connect.CodeOutOfRange, r.want)
			checkRefusal(t, r.name, s.watchOnce(t, &manyvoxv1.WatchEventsRequest{After: &r.after}), connect.CodeOutOfRange, r.want)
		}
		refused := s.watchOnce(t, &manyvoxv1.WatchEventsRequest{Sender: "ann"})
		checkRefusal(t, "no channel", refused, connect.CodeInvalidArgument, "channel: required beside sender")
	})
}

// Pages fit together.
func TestListEventsByPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{}, service.Config{Agent: quiet(t)})
		for i := range 1250 {
			tell(t, s.journal, spoken("chat", []string{"ann", "bob"}[i%2], strconv.Itoa(i)))
		}
		for size, want := range map[int32][]int{0: {100, 100, 100, 100, 100, 100, 25}, 400: {400, 225}, 625: {625}, 5000: {625}} {
			var pages []int
			req := &manyvoxv1.ListEventsRequest{Channel: "chat", Sender: "bob", PageSize: size}
			next := 1
			for more := true; more; more = req.GetPageToken() != "" {
				res, err := tongues()[0].client(s.house).ListEvents(operator(t), req)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range res.GetEvents() {
					if e.GetMessageId() != strconv.Itoa(next) {
						t.Fatalf("%v, want %d", e, next)
					}
					next += 2
				}
				pages = append(pages, len(res.GetEvents()))
				req.PageToken = res.GetNextPageToken()
			}
			if diff := cmp.Diff(want, pages); diff != "" {
				t.Errorf("pages of %d (-want +got):\n%s", size, diff)
			}
		}
	})
}
