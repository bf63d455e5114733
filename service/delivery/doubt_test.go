package delivery_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/delivery"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/metrics"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A part that a program may have sent which ended is sent, and marked once in the log and in a
// metric, however its message is shown. One that is not sent is not marked.
func TestDoubtfulPartIsMarked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		doubtful bool
		live     *journal.Live
		unfitted int
		age      time.Duration
		marks    int
	}{
		{"sent", true, nil, 0, 0, 1},
		{"sent, as it has grown", true, nil, 1, 0, 1},
		{"closed", true, journal.LiveOf(false, &channels.Receipt{ID: "m"}), 0, 0, 1},
		{"not doubtful", false, nil, 0, 0, 0},
		{"too old to be sent", true, nil, 0, 2 * time.Hour, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, o, log := &servicetest.StreamPlatform{}, &settledOutbox{}, &bytes.Buffer{}
				zero := func() float64 { return 0 }
				m := metrics.New(metrics.Sources{
					Asks: zero, AgentCallsLeftBehind: zero, JournalErrors: zero, Journal: memory.Open(), Senders: func() []string { return nil },
				})
				list := servicetest.Channels(t, "chat: {type: platform}\n", p.Type())
				chat := instance.New(*list[0], m)
				d := delivery.New([]*instance.Instance{chat}, o, time.Hour, slog.New(slog.NewTextHandler(log, nil)))
				d.Open()
				defer d.Close()
				d.Deliver(t.Context(), journal.Delivery{Stored: time.Now().Add(-c.age), Doubtful: c.doubtful, Live: c.live, Part: channels.Part{
					ID: "p1", Channel: "chat", Type: "platform", Sender: "zoe", Reply: channels.Reply{Text: "hi"}, Unfitted: c.unfitted,
				}})
				if len(o.outcomes) != 1 {
					t.Errorf("outcomes %+v", o.outcomes)
				}
				if n := strings.Count(log.String(), "part may be shown twice"); n != c.marks || strings.Contains(log.String(), "zoe") {
					t.Errorf("%d marks, log %s", n, log.String())
				}
				w := httptest.NewRecorder()
				m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
				counted := strings.Contains(w.Body.String(), `manyvox_parts_repeated_total{channel="chat"} 1`)
				if counted != (c.marks == 1) {
					t.Errorf("metrics: %v", counted)
				}
			})
		})
	}
}
