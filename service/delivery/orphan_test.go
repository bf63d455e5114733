package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/delivery"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/metrics"
	"github.com/manyvox/manyvox/service/servicetest"
)

// settledOutbox keeps how parts were settled.
type settledOutbox struct{ outcomes []journal.PartOutcome }

func (o *settledOutbox) SettlePart(_ context.Context, _ journal.Claim, outcome journal.PartOutcome) error {
	o.outcomes = append(o.outcomes, outcome)
	return nil
}

func (*settledOutbox) KeepLive(context.Context, journal.Claim, journal.LiveProgress) error {
	return nil
}

func (*settledOutbox) OpenOutbox(map[string]int) {}

// A part that was given out just before its channel went, or became another type's, is put
// back: it is neither sent nor counted as an attempt. One whose message was opened, which no
// other type can close, ends as it is shown.
func TestOrphansArePutBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		channel, kind string
		live          *journal.Live
		want          journal.PartOutcome
	}{
		{"gone", "gone", "platform", nil, journal.PartOutcome{Reason: "its channel is not in use"}},
		{"of another type", "chat", "other", nil, journal.PartOutcome{Reason: "its channel is not in use"}},
		{"opened by another type", "chat", "other", journal.LiveOf(false, &channels.Receipt{ID: "m"}), journal.PartOutcome{Sent: true}},
		{"of its type", "chat", "platform", nil, journal.PartOutcome{Sent: true}},
		{"of an earlier version", "chat", "", nil, journal.PartOutcome{Sent: true}},
	} {
		for unfitted := range 2 {
			t.Run(fmt.Sprint(c.name, ", unfitted ", unfitted), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p, o := &servicetest.FakePlatform{}, &settledOutbox{}
					list := servicetest.Channels(t, "chat: {type: platform}\n", p.Type())
					chat := instance.New(*list[0], metrics.New(metrics.Sources{}))
					d := delivery.New([]*instance.Instance{chat}, o, time.Hour, slog.New(slog.DiscardHandler))
					d.Open()
					defer d.Close()
					now := time.Now()
					d.Deliver(t.Context(), journal.Delivery{Stored: now, Part: channels.Part{
						ID: "p", Channel: c.channel, Type: c.kind, Sender: "ann", Reply: channels.Reply{Text: "hi"}, Unfitted: unfitted,
					}, Live: c.live})
					got := o.outcomes[0]
					if !got.Sent && !got.Retry.After(now) {
						t.Error("it is due again at once")
					}
					got.Retry, got.Events = time.Time{}, nil
					if diff := cmp.Diff(c.want, got); diff != "" || len(o.outcomes) != 1 || len(p.Calls()) > 0 != (c.want.Sent && c.live == nil) {
						t.Errorf("%d outcomes, %d calls of Send (-want +got):\n%s", len(o.outcomes), len(p.Calls()), diff)
					}
				})
			})
		}
	}
}
