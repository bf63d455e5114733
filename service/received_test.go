package service_test

import (
	"context"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/intake"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A received time that JSON cannot hold, such as milliseconds read as seconds, is not
// stored.
func TestReceivedIsATime(t *testing.T) {
	t.Parallel()
	for name, received := range map[string]time.Time{
		"too late": time.Unix(1763830000000, 0), "to come": time.Now().Add(time.Hour), "too early": time.Unix(-1e11, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := durableJournals()[1].open(t)
			store := open()
			h := servicetest.OnLoopback(t, service.Config{
				Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.ReplyWith("hi"), Journal: store,
				Policies: []intake.Policy{func(_ context.Context, m *channels.Message) error { m.Received = received; return nil }},
			})
			for _, id := range []string{"", "m1"} {
				if got, err := servicetest.Routes()[0].Ask(t.Context(), h, servicetest.Question{Sender: "ann", Text: "hi", ID: id}); err != nil || got.Code != "" {
					t.Errorf("%+v, %v", got, err)
				}
			}
			for changed := store.Changed(); len(servicetest.Events(t, store)) < 4; changed = store.Changed() {
				servicetest.Await(t, "an event", changed)
			}
			if age := time.Since(servicetest.Events(t, store)[0].Time); age < 0 || age > time.Minute {
				t.Errorf("the message came %v ago", age)
			}
		})
	}
}
