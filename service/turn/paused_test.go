package turn_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

func pause(t *testing.T, j journal.Journal, channel, sender string) {
	t.Helper()
	c := channels.Conversation{Channel: channel, Sender: sender}
	if _, err := j.PauseConversation(t.Context(), journal.Paused{Conversation: c, Since: time.Now()}); err != nil {
		t.Fatal(err)
	}
}

func resume(t *testing.T, j journal.Journal, channel, sender string) {
	t.Helper()
	if was, err := j.ResumeConversation(t.Context(), channels.Conversation{Channel: channel, Sender: sender}); err != nil || !was {
		t.Fatalf("was paused %v, %v", was, err)
	}
}

// kindsOf returns the kind and the message id of each event of a sender.
func kindsOf(t *testing.T, j journal.Journal, sender string) (list []string) {
	t.Helper()
	for _, e := range servicetest.Events(t, j) {
		if e.Sender == sender {
			list = append(list, string(e.Kind)+" "+e.MessageID)
		}
	}
	return list
}

// A posted message of a paused conversation is kept as an event and ends; no agent is asked,
// and nothing says that it failed. Other conversations are answered, what a human sends goes
// out, and a turn that is under way when the pause comes ends as it would.
func TestEdge08_15_PausedPosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := servicetest.NewBlockingAgent()
		h := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: a})
		h.Post(t, "mail", "ann", "under way", "second")
		pause(t, h.Journal, "mail", "ann")
		a.Release <- struct{}{}
		synctest.Wait()
		h.Post(t, "mail", "ann", "third")
		p := channels.Part{ID: "s", Channel: "mail", Sender: "ann", Reply: channels.Reply{Text: servicetest.Private + "a human"}}
		if _, err := h.Journal.Push(t.Context(), journal.Push{Key: journal.Key{Channel: "mail", Sender: "ann", ID: "sent"}, Window: time.Hour, Parts: []channels.Part{p}}); err != nil {
			t.Fatal(err)
		}
		h.Post(t, "mail", "bob", "other")
		a.Release <- struct{}{}
		synctest.Wait()
		if diff := cmp.Diff([]string{"under way", "a human"}, h.Accepted("mail", "ann")); diff != "" {
			t.Errorf("ann got (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"other"}, h.Accepted("mail", "bob")); diff != "" {
			t.Errorf("bob got (-want +got):\n%s", diff)
		}
		want := []string{"message under way", "reply under way", "message second", "message third"}
		got := kindsOf(t, h.Journal, "ann")
		for _, e := range want {
			if n := count(got, e); n != 1 {
				t.Errorf("event %q: %d times in %q", e, n, got)
			}
		}
		if n := len(a.Began); n != 2 {
			t.Errorf("%d turns of the agent, want 2", n)
		}
		if dead := h.DeadLetters(t); dead != nil {
			t.Errorf("dead letters: %q", dead)
		}
		resume(t, h.Journal, "mail", "ann")
		h.Post(t, "mail", "ann", "fourth")
		a.Release <- struct{}{}
		synctest.Wait()
		if diff := cmp.Diff([]string{"under way", "a human", "fourth"}, h.Accepted("mail", "ann")); diff != "" {
			t.Errorf("ann got, resumed (-want +got):\n%s", diff)
		}
	})
}

func count(list []string, want string) (n int) {
	for _, s := range list {
		if s == want {
			n++
		}
	}
	return n
}

// A message that waits for its next attempt, or was given up and is replayed, is treated like
// any other when its turn comes.
func TestEdge08_15_PausedRetriesAndReplays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &servicetest.ScriptedAgent{Script: func(_ context.Context, turn agents.Turn, _ channels.Replier, _ int) error {
			if turn.Message.Sender == "ann" {
				return channels.Errorf(channels.CodeInvalid, "no")
			}
			return errors.New("no")
		}}
		h := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: a})
		h.Post(t, "chat", "ann", "one")
		h.Post(t, "chat", "bob", "one")
		if diff := cmp.Diff([]string{"failed one"}, h.DeadLetters(t)); diff != "" {
			t.Fatalf("dead letters (-want +got):\n%s", diff)
		}
		pause(t, h.Journal, "chat", "ann")
		pause(t, h.Journal, "chat", "bob")
		letters, err := h.Journal.DeadLetters(t.Context(), "", 0, 9)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Journal.Replay(t.Context(), letters[0].ID); err != nil {
			t.Fatal(err)
		}
		servicetest.Advance(time.Hour)
		if n := len(a.Runs("one")); n != 2 {
			t.Errorf("%d turns of the agent, want the 2 before the pause", n)
		}
		depth, err := h.Journal.Depth(t.Context())
		if err != nil || depth.Inbox+depth.DeadLetters+depth.Outbox > 0 {
			t.Errorf("%+v, %v, want nothing left", depth, err)
		}
	})
}

// A caller of a paused conversation gets no replies, by every route and with a message_id or
// without, at once, and also while the agent is down; what it said is an event. A repeat of a
// message_id gets no replies either, also once the conversation was resumed.
func TestEdge08_15_PausedAsks(t *testing.T) {
	t.Parallel()
	servicetest.EachRoute(t, func(t *testing.T, r servicetest.Route) {
		a := &servicetest.CountingAgent{Script: func(context.Context, int, channels.Replier) error {
			return agents.NotReached(channels.Errorf(channels.CodeUnavailable, "down"))
		}}
		j := memory.Open()
		h := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, "rest:\n"), Agent: a, Journal: j}, servicetest.Timeout)
		for range 5 { // the breaker opens
			<-servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "bob", Text: "hi"})
		}
		servicetest.CheckOutcome(t, "not paused", <-servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "hi"}), "unavailable")
		turns := a.Turns()
		pause(t, j, "rest", "ann")
		servicetest.CheckOutcome(t, "without an id", <-servicetest.AskAsync(t.Context(), h, r, servicetest.Question{Sender: "ann", Text: "hi"}), "")
		servicetest.CheckOutcome(t, "with an id", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), "")
		servicetest.CheckOutcome(t, "a repeat", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), "")
		resume(t, j, "rest", "ann")
		servicetest.CheckOutcome(t, "a repeat, resumed", <-servicetest.AskAsync(t.Context(), h, r, withID("hi")), "")
		if a.Turns() != turns {
			t.Errorf("%d turns of the agent, want %d", a.Turns(), turns)
		}
		servicetest.Advance(time.Second)
		var messages int
		for _, e := range servicetest.Events(t, j) {
			if e.Sender == "ann" {
				if e.Kind != channels.EventMessage || e.Message.Text != "hi" {
					t.Errorf("event %+v", e)
				}
				messages++
			}
		}
		if messages != 2 {
			t.Errorf("%d messages of ann in the events, want 2", messages)
		}
	})
}
