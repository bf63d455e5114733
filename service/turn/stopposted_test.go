package turn_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// The turn of a stored message that is stopped keeps what it has shown, and the next follows.
// It is no dead letter, is not run again, and the user gets no on_failure.
func TestStopPosted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		grows bool
		id    string
		text  string
	}{
		"whatever runs":  {false, "", "two and "},
		"that message":   {false, "one", "two and "},
		"a growing text": {true, "", "two and"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				live := &liveParts{}
				agent := agentFunc(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
					if turn.Message.Text == "one" {
						return talker(ctx, turn, r)
					}
					return say(ctx, r, "answered")
				})
				h := newHarness(t, agent, func(s *settings) { s.grows, s.Delivery, s.onFailure = c.grows, live, "sorry" })
				h.post(t, "ann", "one", "two")
				advance(time.Second)
				if h.StopPosted(annChat, "two") || h.StopPosted(channels.Conversation{Channel: "chat", Sender: "bob"}, c.id) {
					t.Error("a turn that does not run was stopped")
				}
				if !h.StopPosted(annChat, c.id) {
					t.Error("the turn was not found")
				}
				synctest.Wait()
				want := []string{"message one", "reply one", "reply " + c.text, "interrupted", "message two", "reply answered"}
				if diff := cmp.Diff(want, h.events(t, "ann")); diff != "" || h.dead(t) != nil {
					t.Errorf("dead letters %v, events (-want +got):\n%s", h.dead(t), diff)
				}
				if live.open != 0 || h.parts(t) != 3 {
					t.Errorf("%d texts still grow, %d parts", live.open, h.parts(t))
				}
				if h.StopPosted(annChat, c.id) {
					t.Error("a turn that is over was stopped")
				}
			})
		})
	}
}

// What is under way to the journal when the turn is stopped is stored once that answers.
func TestStopPostedWaitsForTheJournal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, agentFunc(talker), func(s *settings) { s.journal = newFaulty(3) })
		h.post(t, "ann", "one")
		if !h.StopPosted(annChat, "") {
			t.Error("the turn was not found")
		}
		advance(time.Minute)
		want := []string{"message one", "reply one", "reply two and ", "interrupted"}
		if diff := cmp.Diff(want, h.events(t, "ann")); diff != "" || h.dead(t) != nil {
			t.Errorf("dead letters %v, events (-want +got):\n%s", h.dead(t), diff)
		}
	})
}

// A turn that has shown nothing is over all the same, whatever the agent's repeat says.
func TestStopPostedBeforeAnything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		h := newHarness(t, agentFunc(func(ctx context.Context, _ agents.Turn, _ channels.Replier) error {
			calls++
			<-ctx.Done()
			return agents.NotReached(ctx.Err())
		}), func(s *settings) { s.Repeat = agents.RepeatAlways })
		h.post(t, "ann", "one")
		h.StopPosted(annChat, "")
		advance(time.Hour)
		if diff := cmp.Diff([]string{"message one", "interrupted"}, h.events(t, "ann")); diff != "" || calls != 1 || h.parts(t) != 0 {
			t.Errorf("%d calls of the agent, %d parts, events (-want +got):\n%s", calls, h.parts(t), diff)
		}
	})
}
