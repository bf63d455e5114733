package metrics_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// slowJournal is a journal whose counts fail, or hang, as fault does.
type slowJournal struct {
	journal.Journal
	fault func(context.Context) error
}

func (j *slowJournal) Depth(ctx context.Context) (journal.Depth, error) {
	if j.fault != nil {
		if err := j.fault(ctx); err != nil {
			return journal.Depth{}, err
		}
	}
	return j.Journal.Depth(ctx)
}

func (j *slowJournal) Waiting(ctx context.Context) (map[string]journal.Waiting, error) {
	if j.fault != nil {
		if err := j.fault(ctx); err != nil {
			return nil, err
		}
	}
	return j.Journal.Waiting(ctx)
}

// The depths are shown by channel, also of a channel that is no longer configured.
func TestDepths(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.Open()
		away := servicetest.NewMessage("ann", "left over")
		away.Channel = "gone"
		if _, err := store.Enqueue(t.Context(), journal.Entry{Message: away, Window: time.Hour}); err != nil {
			t.Fatal(err)
		}
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{OnSend: func(_ context.Context, p channels.Part, _ int) error {
			if p.Sender == "bob" {
				return servicetest.SendFailure(channels.SendRejected)
			}
			return servicetest.SendFailure(channels.SendUnavailable)
		}}, service.Config{Agent: &servicetest.ScriptedAgent{Script: servicetest.FailTurns(servicetest.Always, errors.New("no"))}, Journal: store})
		s.Post(t, "chat", "ann", "two", "three") // cannot be sent now
		s.Post(t, "chat", "bob", "four")         // never
		s.Post(t, "mail", "ann", "one")          // is not answered
		s.CheckMetrics(t, `inbox_depth{channel="chat"} 0`, `outbox_depth{channel="chat"} 2`,
			`inbox_depth{channel="mail"} 1`, `outbox_depth{channel="mail"} 0`,
			`inbox_depth{channel="gone"} 1`, `outbox_depth{channel="gone"} 0`, `dead_letters_depth 1`)
	})
}

// While the journal fails its depths are left out, and the other metrics still come soon.
func TestDepthsWithoutTheJournal(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(context.Context) error{
		"fails": func(context.Context) error { return errors.New("disk full") },
		"hangs": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				j := &slowJournal{Journal: memory.Open()}
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo(), Journal: j})
				s.Post(t, "chat", "ann", "one")
				j.fault = fault
				began := time.Now()
				s.CheckMetrics(t, `parts_sent_total{channel="chat",kind="text"} 1`)
				if _, body := s.Get(t, "/metrics?token=operator"); strings.Contains(body, "_depth") {
					t.Errorf("there are depths: %s", servicetest.LinesWith(body, "_depth"))
				}
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("two scrapes took %v", took)
				}
			})
		})
	}
}
