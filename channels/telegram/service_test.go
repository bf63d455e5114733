package telegram_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/telegram"
	"github.com/manyvox/manyvox/channels/telegram/telegramtest"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// pipeConfig is a channel in a synctest bubble, which is connected to the fake.
type pipeConfig struct {
	telegram.Config
	dial servicetest.Dialer
}

func (c *pipeConfig) Open(env channels.Env) (channels.Channel, error) {
	env.Dial = channels.DialFunc(c.dial)
	return c.Config.Open(env)
}

// inBubble runs a service with a bot on a fake, both in a synctest bubble.
func inBubble(t *testing.T, block string, o telegramtest.Options, agent agents.Agent, test func(*testing.T, *telegramtest.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var us servicetest.Dialer
		o.Token = token
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) { return us(ctx, network, address) }
		s := telegramtest.New(o)
		listener, dial := servicetest.NewPipeNetwork()
		server := &http.Server{Handler: s}
		go server.Serve(listener)
		t.Cleanup(func() { s.Close(); server.Close() })
		typ := telegram.Type()
		typ.New = func() channels.Config {
			return &pipeConfig{Config: *telegram.Type().New().(*telegram.Config), dial: dial}
		}
		yaml := "telegram:\n  " + strings.ReplaceAll(block+local, "\n", "\n  ")
		running := servicetest.InBubble(t, service.Config{Channels: servicetest.Channels(t, yaml, typ), Agent: agent}, servicetest.Timeout)
		us = running.Dial
		defer func() {
			if t.Failed() {
				t.Log(running.Log.String())
			}
		}()
		test(t, s)
		if log := running.Log.String(); strings.Contains(log, token) || strings.Contains(log, secret) {
			t.Errorf("the log tells a secret: %s", log)
		}
	})
}

// says waits until the bot has said these texts in a chat, in order.
func says(t *testing.T, s *telegramtest.Server, chat int64, want ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	var got []string
	err := s.Wait(ctx, func() bool {
		c := s.Chat(chat)
		got = c.Texts()
		return len(got) >= len(want)
	})
	synctest.Wait() // what was sent is stored
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatalf("%v: -want +got:\n%s", err, diff)
	}
}

func TestService(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]string{"polling": polling, "webhook": strings.Replace(webhook, "https:", "http:", 1)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, block, telegramtest.Options{}, &echo.Agent{}, func(t *testing.T, s *telegramtest.Server) {
				s.Say(4201, "Hello 👋")
				says(t, s, 4201, "Hello 👋")
				s.SayTopic(-6, 77, 4201, "/silent")
				s.SayTopic(-6, 77, 4201, "/ask@vox_test_bot when?")
				says(t, s, -6, "/ask when?")
				if m := s.Chat(-6).Messages[2]; m.Topic != 77 {
					t.Errorf("the answer is in topic %d", m.Topic)
				}
				s.Say(4201, "/buttons")
				says(t, s, 4201, "Hello 👋", "Do you like it?")
				if !s.Press(4201, "Yes") {
					t.Fatal("no button")
				}
				says(t, s, 4201, "Hello 👋", "Do you like it?", "/affirm")
				synctest.Wait()
				if n := s.Turning(); n != 0 {
					t.Errorf("%d buttons turn", n)
				}
				s.Block(4202)
				s.Say(4203, "others are answered")
				says(t, s, 4203, "others are answered")
			})
		})
	}
}

// TestServiceChoices understands what a payload that is too long, and a reply keyboard, send back.
func TestServiceChoices(t *testing.T) {
	t.Parallel()
	long := "/book{\"day\": \"" + strings.Repeat("x", 100) + "\"}"
	agent := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		reply := channels.Reply{Text: turn.Message.Text}
		switch turn.Message.Text {
		case "inline":
			reply.Buttons = []channels.Button{{Title: "Book", Payload: long}}
		case "reply":
			reply.Buttons = []channels.Button{{Title: "Book it", Payload: "/book"}}
			reply.Extra = extra("button_type", `"reply"`)
		}
		return r.Reply(ctx, reply)
	})
	inBubble(t, polling, telegramtest.Options{}, agent, func(t *testing.T, s *telegramtest.Server) {
		s.Say(4201, "inline")
		says(t, s, 4201, "inline")
		s.Press(4201, "Book")
		says(t, s, 4201, "inline", long)
		s.Say(4202, "reply")
		says(t, s, 4202, "reply")
		s.Press(4202, "Book it")
		says(t, s, 4202, "reply", "/book")
	})
}

// TestServiceMedia lets an agent read what a person has sent.
func TestServiceMedia(t *testing.T) {
	t.Parallel()
	agent := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		if len(turn.Message.Attachments) == 0 {
			return r.Reply(ctx, channels.Reply{Image: "data:image/png;base64,iVBO"})
		}
		m, err := turn.Open(ctx, turn.Message.Attachments[0])
		if err != nil {
			return err
		}
		defer m.Close()
		data, err := io.ReadAll(m)
		if err != nil {
			return err
		}
		return r.Reply(ctx, channels.Reply{Text: string(data)})
	})
	inBubble(t, polling, telegramtest.Options{}, agent, func(t *testing.T, s *telegramtest.Server) {
		s.Attach(4201, "voice", "audio/ogg", telegramtest.File{Name: "v.ogg", Data: []byte("voice")})
		says(t, s, 4201, "voice")
		s.Say(4201, "picture")
		says(t, s, 4201, "voice", "")
		if m := s.Chat(4201).Messages; m[len(m)-1].Kind != "photo" {
			t.Errorf("%+v", m)
		}
	})
}

// answerOf returns a Markdown answer of 11,000 UTF-16 units, and what a reader sees of it.
func answerOf() (source, seen string) {
	for i := 0; channels.UnitUTF16.Len(source) < 11_000; i++ {
		source += fmt.Sprintf("Paragraph **%d** says 😀 and *more* of it. ", i)
		seen += fmt.Sprintf("Paragraph %d says 😀 and more of it. ", i)
		if i%7 == 6 {
			source, seen = strings.TrimSpace(source)+"\n\n", strings.TrimSpace(seen)+"\n\n"
		}
	}
	return strings.TrimSpace(source), strings.TrimSpace(seen)
}

// TestServiceStream has an answer grow: no faster than is allowed, in at most four messages,
// whose texts are the exact text.
func TestServiceStream(t *testing.T) {
	t.Parallel()
	source, seen := answerOf()
	agent := agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		return tell(ctx, r, source, 50, 100*time.Millisecond)
	})
	for _, x := range []struct {
		name, method string
		chat         int64
		every        time.Duration
	}{
		{"drafts", "sendMessageDraft", 4201, time.Second},
		{"edits", "editMessageText", -5, 4 * time.Second},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, polling, telegramtest.Options{Rates: true}, agent, func(t *testing.T, s *telegramtest.Server) {
				if x.chat < 0 {
					s.SayIn(x.chat, 4201, "/tell")
				} else {
					s.Say(x.chat, "tell")
				}
				awaitWhole(t, s, x.chat, seen)
				calls := s.Calls(x.method)
				if len(calls) < 5 {
					t.Errorf("it does not grow: %d calls", len(calls))
				}
				for i := 2; i < len(calls); i++ { // a draft's first call is its opening, which counts as a message
					gap, same := calls[i].At.Sub(calls[i-1].At), calls[i-2].Args["draft_id"] == calls[i].Args["draft_id"]
					if gap < x.every && same && x.chat > 0 {
						t.Errorf("%s %d after %v", x.method, i, gap)
					}
				}
				if span := calls[len(calls)-1].At.Sub(calls[0].At); x.chat < 0 && len(calls) > int(span/x.every)+1+4 {
					t.Errorf("%d edits in %v", len(calls), span)
				}
				for _, call := range s.Calls() {
					if call.Status == http.StatusTooManyRequests {
						t.Errorf("%s was too much", call.Method)
					}
				}
			})
		})
	}
}

// awaitWhole waits until a chat shows a text, in at most four messages. White space at a cut is
// left out.
func awaitWhole(t *testing.T, s *telegramtest.Server, chat int64, seen string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	var texts []string
	whole := func() bool {
		c := s.Chat(chat)
		texts = c.Texts()
		return strings.Join(strings.Fields(strings.Join(texts, " ")), " ") == strings.Join(strings.Fields(seen), " ")
	}
	if err := s.Wait(ctx, whole); err != nil || len(texts) > 4 {
		t.Fatalf("%v: %d messages: %q", err, len(texts), texts)
	}
	rest := seen
	for i, text := range texts { // each is a piece of the text as it is
		before, after, found := strings.Cut(rest, text)
		if !found || strings.TrimSpace(before) != "" {
			t.Fatalf("message %d is no piece of the text: %q", i, text)
		}
		rest = after
	}
}

// TestServiceBurst answers 500 events of 20 chats, each once and in order, though every third
// is delivered twice.
func TestServiceBurst(t *testing.T) {
	t.Parallel()
	const chats, events = 20, 25
	lose := func(update int64, n int) bool { return update%3 == 0 && n == 1 }
	for name, block := range map[string]string{"polling": polling, "webhook": strings.Replace(webhook, "https:", "http:", 1)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, block, telegramtest.Options{Lose: lose, Rates: true}, &echo.Agent{}, func(t *testing.T, s *telegramtest.Server) {
				want := make([]string, events)
				for i := range events {
					want[i] = fmt.Sprint("n", i)
					for chat := range int64(chats) {
						s.Say(5000+chat, want[i])
					}
				}
				for chat := range int64(chats) {
					says(t, s, 5000+chat, want...)
				}
				synctest.Wait()
				if n := len(s.Calls("sendMessage")); n != chats*events {
					t.Errorf("%d messages were sent", n)
				}
			})
		})
	}
}
