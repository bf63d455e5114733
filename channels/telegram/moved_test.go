package telegram_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
	"github.com/manyvox/manyvox/service/servicetest"
)

// TestMoved keeps the conversation of a group that becomes a supergroup, and sends there what
// was to be said in the old one.
func TestMoved(t *testing.T) {
	t.Parallel()
	var senders []string
	var thinks chan struct{}
	agent := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		senders = append(senders, turn.Message.Sender)
		if turn.Message.Text == "think" {
			<-thinks
		}
		return servicetest.ReplyTexts(ctx, r, "said "+turn.Message.Text)
	})
	inBubble(t, polling+"\ngroups: all", telegramtest.Options{}, agent, func(t *testing.T, s *telegramtest.Server) {
		thinks = make(chan struct{}) // of the bubble
		s.SayIn(-5, 4201, "one")
		says(t, s, -5, "said one")
		s.SayIn(-5, 4201, "think")
		synctest.Wait()
		s.Migrate(-5, -1005)
		s.SayIn(-1005, 4201, "two")
		time.Sleep(time.Minute)
		close(thinks)
		says(t, s, -1005, "said think", "said two")
		s.SayTopic(-1005, 7, 4201, "three")
		says(t, s, -1005, "said think", "said two", "said three")
		if diff := cmp.Diff([]string{"-5", "-5", "-5", "-5:7"}, senders); diff != "" {
			t.Errorf("the senders (-want +got):\n%s", diff)
		}
	})
}

// An update of a group is told again when its ids cannot be kept or read, or it would begin
// another conversation.
func TestMovedUnavailable(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]string{
		"moved":   `{"message_id":1,"chat":{"id":-5,"type":"group"},"date":1,"migrate_to_chat_id":-1005}`,
		"a group": `{"message_id":1,"chat":{"id":-5,"type":"group"},"date":1,"text":"/a","entities":[{"type":"bot_command","offset":0,"length":2}],"from":{"id":1}}`,
	} {
		in := &channeltest.Inbox{Err: &channels.Error{Code: channels.CodeUnavailable, Message: "the journal is away"}}
		body, err := json.Marshal(map[string]any{"update_id": 1, "message": json.RawMessage(message)})
		if err != nil {
			t.Fatal(err)
		}
		w := serve(t, webhook, in, string(body), shown(secret))
		if w.Code != http.StatusServiceUnavailable || len(in.Posted()) != 0 {
			t.Errorf("%s: status %d, %d posted", name, w.Code, len(in.Posted()))
		}
	}
	channel, _ := onFake(t, polling)
	channel.Inbound(&channeltest.Inbox{Err: errors.New("away")})
	if _, err := deliver(t, channel, "-5", channels.Reply{Text: "a"}); err == nil || channels.AsSendError(err).Class != channels.SendUnavailable {
		t.Errorf("nobody knows where the group is, and nothing was sent: %v", err)
	}
}
