package push_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// The channel is named as the tracker of the agent names it. Where that means no conversation,
// or several, nothing is sent.
func TestWhomAnAgentMeans(t *testing.T) {
	t.Parallel()
	const both = agents.Template("{channel}:{sender}")
	for name, c := range map[string]struct {
		template        agents.Template
		wrote           []string // channels that ann has written by
		channel, sender string
		want            string // the channel that it goes to, or what the error says
	}{
		"the name of the channel":              {agents.SenderAlone, []string{"chat"}, "chat", "ann", "chat"},
		"its input_channel":                    {agents.SenderAlone, []string{"mail"}, "letters", "ann", "mail"},
		"the name beside its input_channel":    {agents.SenderAlone, []string{"mail"}, "mail", "ann", "mail"},
		"the same sender elsewhere":            {agents.SenderAlone, []string{"chat", "mail"}, "chat", "ann", "chat"},
		"one of two with the input_channel":    {agents.SenderAlone, []string{"post", "chat"}, "letters", "ann", "post"},
		"both":                                 {agents.SenderAlone, []string{"mail", "post"}, "letters", "ann", `"letters" may mean: mail, post`},
		"nobody has written":                   {agents.SenderAlone, nil, "chat", "ann", `by a channel "chat"`},
		"another has written":                  {agents.SenderAlone, []string{"chat"}, "chat", "bob", `by a channel "chat"`},
		"elsewhere":                            {agents.SenderAlone, []string{"mail"}, "chat", "ann", `by a channel "chat"`},
		"no such channel":                      {agents.SenderAlone, []string{"chat"}, "sms", "ann", `by a channel "sms"`},
		"a name made of channel and sender":    {both, []string{"chat", "mail", "post"}, "letters", "post:ann", "post"},
		"the channel in the name alone":        {both, []string{"chat"}, "letters", "chat:ann", `by a channel "letters"`},
		"a name that the template cannot have": {both, []string{"chat"}, "chat", "ann", `by a channel "chat"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, &servicetest.FakePlatform{}, c.template, service.Config{})
				for _, channel := range c.wrote {
					h.Post(t, channel, "ann", "hello")
				}
				status, answer := say(t, h, `{"channel":"`+c.channel+`","sender":"`+c.sender+`","reply":{"text":"hi"}}`)
				calls := h.Calls()
				if len(calls) == 0 {
					if status != http.StatusConflict || !strings.Contains(strings.ReplaceAll(answer, `\"`, `"`), c.want) {
						t.Errorf("%d %s, want %s", status, answer, c.want)
					}
					return
				}
				if status != http.StatusAccepted || len(calls) != 1 || calls[0].Part.Channel != c.want || calls[0].Part.Sender != "ann" {
					t.Errorf("%d %s, sent %+v, want %s", status, answer, calls, c.want)
				}
			})
		})
	}
}

// A message may have brought an input_channel of its own. The tracker then names that of the last.
func TestInputChannelOfTheMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, &servicetest.FakePlatform{}, agents.SenderAlone, service.Config{})
		say1 := func(channel string) int {
			status, _ := say(t, h, `{"channel":"`+channel+`","sender":"ann","reply":{"text":"hi"}}`)
			return status
		}
		for _, channel := range []string{"web", "shop"} {
			// The caller has its answer before the event is written.
			h.PostBody(t, "/webhooks/rest/webhook", `{"sender":"ann","message":"hi","input_channel":"`+channel+`"}`)
			status, answer := servicetest.Do(t, h.HTTP1, signed(t, h, `{"channel":"`+channel+`","sender":"ann","reply":{"text":"hi"}}`))
			if status != http.StatusAccepted {
				t.Errorf("%s: %d %s", channel, status, answer)
			}
		}
		for range 20 { // what is said since then does not hide the message
			if status := say1("shop"); status != http.StatusAccepted {
				t.Fatalf("shop: %d", status)
			}
		}
		if status := say1("web"); status != http.StatusConflict {
			t.Errorf("the input_channel of an earlier message: %d", status)
		}
	})
}

// In a conversation that a human has taken over the agent keeps quiet.
func TestSayWhilePaused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, &servicetest.FakePlatform{}, agents.SenderAlone, service.Config{})
		h.Post(t, "chat", "ann", "hello")
		ann := channels.Conversation{Channel: "chat", Sender: "ann"}
		if _, err := h.Journal.PauseConversation(t.Context(), journal.Paused{Conversation: ann, Since: time.Now()}); err != nil {
			t.Fatal(err)
		}
		const body = `{"channel":"chat","sender":"ann","reply":{"text":"hi"}}`
		if status, answer := say(t, h, body); status != http.StatusConflict || !strings.Contains(answer, "paused") || len(h.Calls()) > 0 {
			t.Errorf("%d %s, %d sent", status, answer, len(h.Calls()))
		}
		if _, err := h.Journal.ResumeConversation(t.Context(), ann); err != nil {
			t.Fatal(err)
		}
		if status, answer := say(t, h, body); status != http.StatusAccepted || len(h.Calls()) != 1 {
			t.Errorf("resumed: %d %s, %d sent", status, answer, len(h.Calls()))
		}
	})
}
