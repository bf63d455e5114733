package turn_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/turn"
)

// settledInbox keeps how turns were settled.
type settledInbox struct{ steps []journal.Step }

func (i *settledInbox) Settle(_ context.Context, _ journal.Claim, s journal.Step) error {
	i.steps = append(i.steps, s)
	return nil
}

// A message that was given out just before its channel went is put back, with its attempt
// taken back: it has its turn when the channel returns.
func TestMessageOfAChannelThatHasGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inbox := &settledInbox{}
		x := turn.New(turn.Config{
			Agent: servicetest.UncalledAgent(t), Channels: &instance.Registry{}, Inbox: inbox, Log: slog.New(slog.DiscardHandler),
		})
		defer x.Close(t.Context())
		now := time.Now()
		x.Answer(t.Context(), journal.Turn{Message: channels.Message{Channel: "gone", ID: "1"}, Attempt: 1, Stored: now})
		want := []journal.Step{{End: &journal.End{
			Outcome: journal.OutcomeDeferred, At: now.Add(time.Second), Reason: "the channel is not in use",
		}}}
		if diff := cmp.Diff(want, inbox.steps); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
	})
}
