package push_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/metrics"
	"github.com/manyvox/manyvox/service/push"
	"github.com/manyvox/manyvox/service/servicetest"
)

// brokenJournal is a journal of which one call fails.
type brokenJournal struct {
	journal.Journal
	address, history, paused, push bool
}

func (b brokenJournal) Address(ctx context.Context, c channels.Conversation) (string, bool, error) {
	if b.address {
		return "", false, errors.New("disk full")
	}
	return b.Journal.Address(ctx, c)
}

func (b brokenJournal) History(ctx context.Context, c channels.Conversation, n int) ([]channels.Event, error) {
	if b.history {
		return nil, errors.New("disk full")
	}
	return b.Journal.History(ctx, c, n)
}

func (b brokenJournal) IsPaused(ctx context.Context, c channels.Conversation) (bool, error) {
	if b.paused && c.Sender == "ann" {
		return false, errors.New("disk full")
	}
	return b.Journal.IsPaused(ctx, c)
}

func (b brokenJournal) Push(ctx context.Context, p journal.Push) (*journal.Known, error) {
	if b.push {
		return nil, errors.New("disk full")
	}
	return b.Journal.Push(ctx, p)
}

// When the journal fails the agent is told to come again.
func TestSayWhenTheJournalFails(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]brokenJournal{
		"address": {address: true}, "history": {history: true}, "paused": {paused: true}, "push": {push: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				broken.Journal = memory.Open()
				for _, sender := range []string{"ann", "bob"} {
					e := channels.Event{Kind: channels.EventMessage, Channel: "chat", Sender: sender, MessageID: "1", Time: time.Now(), Message: &channels.Message{Sender: sender, InputChannel: "web"}}
					if err := broken.AppendEvents(t.Context(), e); err != nil {
						t.Fatal(err)
					}
				}
				h := newHarness(t, &servicetest.FakePlatform{}, agents.SenderAlone, service.Config{Journal: broken})
				status, answer := say(t, h, `{"channel":"web","sender":"ann","reply":{"text":"hi"}}`)
				if status != http.StatusServiceUnavailable || strings.Contains(answer, "disk") || !strings.Contains(h.Log.String(), "disk full") {
					t.Errorf("%d %s", status, answer)
				}
			})
		})
	}
}

// While the program ends the agent is told to come again.
func TestSayWhileDraining(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, &servicetest.FakePlatform{}, agents.SenderAlone, service.Config{})
		h.Post(t, "chat", "ann", "hello")
		h.Drain()
		if status, answer := say(t, h, `{"channel":"chat","sender":"ann","reply":{"text":"hi"}}`); status != http.StatusServiceUnavailable {
			t.Errorf("%d %s", status, answer)
		}
	})
}

// What was said in the conversation and is still to be written is waited for, and no longer
// than 10 s.
func TestSayWhenTheJournalHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rest := instance.New(*servicetest.Channels(t, "rest:\n")[0], metrics.New(metrics.Sources{}))
		door := push.Door{
			Agent: func(string) agents.Agent { return speaker{secret: secret, sender: agents.SenderAlone} },
			Conversations: push.Conversations{
				Channels: instance.NewRegistry([]*instance.Instance{rest}),
				Flush: func(ctx context.Context, _ channels.Conversation) error {
					<-ctx.Done()
					return ctx.Err()
				},
			},
			Log: slog.New(slog.DiscardHandler),
		}
		const body = `{"channel":"rest","sender":"ann","reply":{"text":"hi"}}`
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/agents/bot/messages", strings.NewReader(body))
		sign(req, secret, time.Now(), body)
		began := time.Now()
		res := servicetest.Record(door, req)
		if res.Code != http.StatusServiceUnavailable || time.Since(began) != 10*time.Second || res.Header().Get("Retry-After") != "1" {
			t.Errorf("%d after %v: %s", res.Code, time.Since(began), res.Body)
		}
	})
}
