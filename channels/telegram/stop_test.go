package telegram_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
)

// TestStop hands on which turn is meant. The draft of an earlier run is known no more: then it is
// the turn that is under way.
func TestStop(t *testing.T) {
	t.Parallel()
	c, s := onFake(t, webhook)
	part := grown("4201", "a")
	part.MessageID = "700"
	if _, err := c.Open(t.Context(), part); err != nil || !s.Stop(4201) || s.Stop(4201) {
		t.Fatalf("the draft has no button, or two: %v", err)
	}
	draft := fmt.Sprintf("%.0f", s.Calls("sendMessageDraft")[0].Args["draft_id"])
	for _, x := range []struct {
		name, update string
		err          error
		status       int
		want         []channels.Stop
	}{
		{"known", `{"chat":{"id":4201,"type":"private"},"draft_id":` + draft + `}`, nil, 200, []channels.Stop{{Sender: "4201", MessageID: "700"}}},
		{"forgotten", `{"chat":{"id":4201,"type":"private"},"draft_id":3}`, nil, 200, []channels.Stop{{Sender: "4201"}}},
		{"topic", `{"chat":{"id":4201,"type":"private"},"message_thread_id":7,"draft_id":3}`, nil, 200, []channels.Stop{{Sender: "4201:7"}}},
		{"no chat", `{"draft_id":3}`, nil, 200, nil},
		{"not now", `{"chat":{"id":4201},"draft_id":3}`, channels.Errorf(channels.CodeUnavailable, "a reload"), 503, []channels.Stop{{Sender: "4201"}}},
	} {
		in := &channeltest.Inbox{Err: x.err}
		w := post(c.Inbound(in), `{"update_id":1,"stopped_message_generation":`+x.update+`}`, shown(secret))
		if diff := cmp.Diff(x.want, in.Stops()); diff != "" || w.Code != x.status || in.Posted() != nil {
			t.Errorf("%s: %d, -want +got:\n%s", x.name, w.Code, diff)
		}
	}
}

// TestServiceStop has a person stop an answer that grows: the agent's time is over, what was
// shown by then is a message, and the next message is answered.
func TestServiceStop(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]string{"polling": polling, "webhook": strings.Replace(webhook, "https:", "http:", 1)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan error, 1)
			agent := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
				if turn.Message.Text != "tell" {
					return r.Reply(ctx, channels.Reply{Text: "re " + turn.Message.Text})
				}
				for ctx.Err() == nil {
					if err := r.Delta(ctx, "word "); err != nil {
						break
					}
					select {
					case <-time.After(time.Second):
					case <-ctx.Done():
					}
				}
				ended <- ctx.Err()
				return ctx.Err()
			})
			inBubble(t, block+"\non_failure: sorry", telegramtest.Options{Rates: true}, agent, func(t *testing.T, s *telegramtest.Server) {
				s.Say(4201, "tell")
				time.Sleep(5500 * time.Millisecond) // in the bubble
				if draft := s.Chat(4201).Draft; strings.Count(draft, "word") < 3 {
					t.Fatalf("the answer does not grow: %q", draft)
				}
				if !s.Stop(4201) {
					t.Fatal("there is no button")
				}
				if err := <-ended; err == nil {
					t.Error("the agent's ctx has not ended")
				}
				s.Say(4201, "next")
				said := strings.TrimSpace(strings.Repeat("word ", 6))
				says(t, s, 4201, said, "re next")
				synctest.Wait()
				if chat := s.Chat(4201); chat.Draft != "" || s.Stop(4201) {
					t.Errorf("the draft is still there: %q", chat.Draft)
				}
				for _, call := range s.Calls() {
					if call.Status != http.StatusOK {
						t.Errorf("%s: %d", call.Method, call.Status)
					}
				}
			})
		})
	}
}

// TestServiceDraftStays shows a draft again while the agent is silent: Telegram takes it away after
// 30 seconds.
func TestServiceDraftStays(t *testing.T) {
	t.Parallel()
	agent := agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		if err := r.Delta(ctx, "I look it up"); err != nil {
			return err
		}
		time.Sleep(90 * time.Second)
		return r.Reply(ctx, channels.Reply{Text: "I look it up: here it is"})
	})
	inBubble(t, polling, telegramtest.Options{Rates: true}, agent, func(t *testing.T, s *telegramtest.Server) {
		s.Say(4201, "tell")
		for range 8 {
			time.Sleep(11 * time.Second)
			if c := s.Chat(4201); c.Draft != "I look it up" {
				t.Errorf("the draft shows %q", c.Draft)
			}
		}
		says(t, s, 4201, "I look it up: here it is")
		if n := len(s.Calls("sendMessageDraft")); n > 6 {
			t.Errorf("%d drafts", n)
		}
	})
}
