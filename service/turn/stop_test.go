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
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// agentFunc is an agent that a test writes.
type agentFunc func(ctx context.Context, t agents.Turn, r channels.Replier) error

func (f agentFunc) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	return f(ctx, t, r)
}

// talker says one reply and a part of the next, and then nothing until its ctx ends. What
// it says after that must not be shown.
func talker(ctx context.Context, _ agents.Turn, r channels.Replier) error {
	err := errors.Join(say(ctx, r, "one"), r.Delta(ctx, "two and "))
	if err != nil {
		return err
	}
	<-ctx.Done()
	return errors.Join(ctx.Err(), r.Delta(ctx, "three"), r.Reply(ctx, channels.Reply{Text: "four"}))
}

var annChat = channels.Conversation{Channel: "chat", Sender: "ann"}

// asked is the outcome of askOnce.
type asked struct {
	texts []string
	code  string
}

// askAsync asks as ann, and returns once all that can be done by now is.
func (h *harness) askAsync(ctx context.Context, id string) <-chan asked {
	done := make(chan asked, 1)
	go func() {
		texts, err := h.askOnce(ctx, "ann", id)
		a := asked{texts: texts}
		if err != nil {
			a.code = channels.AsError(err).Code.String()
		}
		done <- a
	}()
	synctest.Wait()
	return done
}

func checkAsked(t *testing.T, what string, got asked, code string, texts ...string) {
	t.Helper()
	if diff := cmp.Diff(texts, got.texts); diff != "" || got.code != code {
		t.Errorf("%s: code %q, want %q; texts (-want +got):\n%s", what, got.code, code, diff)
	}
}

// A turn that is stopped keeps what it has shown, the text in progress included, and is
// neither a dead letter nor run again.
func TestEdge08_21_StopKeepsWhatWasShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, agentFunc(talker))
		first := h.askAsync(t.Context(), "m1")
		advance(time.Second)
		second := h.askAsync(t.Context(), "m1")
		if h.Stop(channels.Conversation{Channel: "chat", Sender: "bob"}, "m1") || h.Stop(annChat, "m2") {
			t.Error("a turn that is not there was stopped")
		}
		if !h.Stop(annChat, "m1") {
			t.Error("the turn was not found")
		}
		checkAsked(t, "the first caller", <-first, "canceled", "one", "two and ")
		checkAsked(t, "who joined", <-second, "canceled", "one", "two and ")
		checkAsked(t, "a repeat", <-h.askAsync(t.Context(), "m1"), "", "one", "two and ")
		want := []string{"message hi", "reply one", "reply two and ", "interrupted"}
		if diff := cmp.Diff(want, h.events(t, "ann")); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if dead := h.dead(t); dead != nil {
			t.Errorf("dead letters %q", dead)
		}
		if h.Stop(annChat, "m1") {
			t.Error("a turn that is over was stopped")
		}
	})
}

// The next of the conversation follows at once. A turn that waits for its place is taken out
// of the line, and nothing is kept of it.
func TestEdge08_21_StopLetsTheNextBegin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, agentFunc(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
			if turn.Message.ID == "m1" {
				<-ctx.Done()
				return ctx.Err()
			}
			return say(ctx, r, "answered")
		}))
		first, second, third := h.askAsync(t.Context(), "m1"), h.askAsync(t.Context(), "m2"), h.askAsync(t.Context(), "m3")
		if !h.Stop(annChat, "m2") {
			t.Error("the turn that waits was not found")
		}
		checkAsked(t, "who waited", <-second, "canceled")
		began := time.Now()
		if !h.Stop(annChat, "m1") {
			t.Error("the turn was not found")
		}
		checkAsked(t, "who was first", <-first, "canceled")
		checkAsked(t, "who was behind", <-third, "", "answered")
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
		checkAsked(t, "a repeat of what was answered by nothing", <-h.askAsync(t.Context(), "m1"), "")
		checkAsked(t, "a repeat of what had not begun", <-h.askAsync(t.Context(), "m2"), "", "answered")
	})
}

// A turn that goes on although its caller has gone away can be stopped too.
func TestEdge08_21_StopWithoutACaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, agentFunc(talker))
		ctx, leave := context.WithCancel(t.Context())
		gone := h.askAsync(ctx, "m1")
		leave()
		if got := <-gone; got.code != "canceled" {
			t.Errorf("code %q", got.code)
		}
		if !h.Stop(annChat, "m1") {
			t.Error("the turn was not found")
		}
		synctest.Wait()
		advance(time.Second)
		checkAsked(t, "a repeat", <-h.askAsync(t.Context(), "m1"), "", "one", "two and ")
	})
}

// What is under way to the journal when the turn is stopped is recorded once that answers.
func TestEdge08_21_StopWaitsForTheJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFaulty(3)
		h := newHarness(t, agentFunc(talker), func(s *settings) { s.journal = store })
		first := h.askAsync(t.Context(), "m1")
		if !h.Stop(annChat, "m1") {
			t.Error("the turn was not found")
		}
		checkAsked(t, "the caller", <-first, "canceled", "one", "two and ")
		checkAsked(t, "a repeat", <-h.askAsync(t.Context(), "m1"), "", "one", "two and ")
	})
}

// newFaulty returns a journal whose first steps fail.
func newFaulty(n int) *faultyJournal {
	return &faultyJournal{Store: memory.Open(), fault: func(try int, _ journal.Step) error {
		if try <= n {
			return errors.New("the disk is full")
		}
		return nil
	}}
}

// An agent that takes no notice is left behind, and holds up nobody but its own place.
func TestEdge08_21_StopOfADeafAgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hear := make(chan struct{})
		h := newHarness(t, agentFunc(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
			err := say(ctx, r, "one")
			<-hear
			return err
		}))
		first := h.askAsync(t.Context(), "m1")
		advance(time.Second)
		began := time.Now()
		h.Stop(annChat, "m1")
		checkAsked(t, "the caller", <-first, "canceled", "one")
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("it took %v", took)
		}
		close(hear)
		synctest.Wait()
	})
}
