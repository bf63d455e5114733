package slack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// words returns a text of Markdown with so many bytes, and what is in it of words.
func words(bytes int) (source string) {
	for i := 0; len(source) < bytes; i++ {
		source += fmt.Sprintf("Paragraph **%d** says 😀 and *more* of it. ", i)
		if i%7 == 6 {
			source = strings.TrimSpace(source) + "\n\n"
		}
	}
	return strings.TrimSpace(source)
}

// telling is an agent that says a text in pieces.
func telling(source string, piece int, pause time.Duration) agents.Agent {
	return agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		for rest := []rune(source); len(rest) > 0; {
			n := min(piece, len(rest))
			if err := channels.DeltaIn(ctx, r, channels.FormatMarkdown, string(rest[:n])); err != nil {
				return err
			}
			rest = rest[n:]
			time.Sleep(pause)
		}
		return r.Reply(ctx, channels.Reply{Text: source, Format: channels.FormatMarkdown})
	})
}

// seen are the words of a text, whatever marks them.
func seen(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("**", "", "*", "", "_", "").Replace(text)), " ")
}

// TestServiceStream has an answer grow in a thread by streams, and in a channel by edits: as often
// as is allowed, in few messages, whose texts are the exact text.
func TestServiceStream(t *testing.T) {
	t.Parallel()
	source := words(20_000)
	for _, x := range []struct{ name, block, method string }{
		{"streams", webhook + "\nuse_threads: true", "chat.appendStream"},
		{"edits", webhook, "chat.update"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, x.block, slacktest.Options{Rates: true}, telling(source, 50, 100*time.Millisecond), func(t *testing.T, s *slacktest.Server) {
				s.Person(slacktest.Ina).Mention(crew, "tell")
				var texts []string
				waitFor(t, s, "all is said", func() bool {
					c := s.Chat(crew)
					texts = c.Texts()
					return seen(strings.Join(texts, " ")) == seen(source)
				})
				synctest.Wait()
				if len(texts) > 4 {
					t.Errorf("%d messages", len(texts))
				}
				if n := len(s.Calls(x.method)); n < 10 {
					t.Errorf("it does not grow: %d calls", n)
				}
				for _, call := range s.Calls() {
					if call.Status != 200 || call.Error != "" {
						t.Errorf("%s: %d %s", call.Method, call.Status, call.Error)
					}
				}
			})
		})
	}
}

// TestServiceStreamLong rolls a stream over before Slack ends it.
func TestServiceStreamLong(t *testing.T) {
	t.Parallel()
	source := words(3000)
	inBubble(t, webhook+"\nuse_threads: true", slacktest.Options{}, telling(source, 5, time.Second), func(t *testing.T, s *slacktest.Server) {
		ina := s.Person(slacktest.Ina)
		ina.Say(ina.DM(), "tell") // for ten minutes
		waitFor(t, s, "all is said", func() bool {
			c := s.Chat(ina.DM())
			return seen(strings.Join(c.Texts(), " ")) == seen(source)
		})
		synctest.Wait()
		// What was shown behind a cut is taken back, and goes on in the next stream.
		if n, repairs := len(s.Calls("chat.startStream")), len(s.Calls("chat.update")); n < 3 || n > 4 || repairs >= n {
			t.Errorf("%d streams, %d repairs", n, repairs)
		}
		for _, call := range s.Calls() {
			if call.Error != "" {
				t.Errorf("%s: %s", call.Method, call.Error)
			}
		}
	})
}

// TestServiceStop ends the turn of an answer that its reader has stopped.
func TestServiceStop(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	agent := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		if turn.Message.Text == "again" {
			return r.Reply(ctx, channels.Reply{Text: "yes"})
		}
		err := channels.DeltaIn(ctx, r, channels.FormatMarkdown, "It is ")
		if err == nil {
			<-ctx.Done()
			err = ctx.Err()
		}
		ended <- err
		return err
	})
	inBubble(t, webhook+"\nuse_threads: true", slacktest.Options{}, agent, func(t *testing.T, s *slacktest.Server) {
		ina := s.Person(slacktest.Ina)
		ina.Say(ina.DM(), "tell")
		waitFor(t, s, "it grows", func() bool { return len(s.Calls("chat.startStream")) == 1 })
		if !ina.Stop(ina.DM()) {
			t.Fatal("nothing grows")
		}
		<-ended
		ina.Say(ina.DM(), "again")
		waitFor(t, s, "the next one is answered", func() bool { c := s.Chat(ina.DM()); return len(c.Texts()) == 2 })
		c := s.Chat(ina.DM())
		if diff := cmp.Diff([]string{"It is", "yes"}, trimmed(c.Texts())); diff != "" {
			t.Error(diff)
		}
	})
}

func trimmed(texts []string) (list []string) {
	for _, text := range texts {
		list = append(list, strings.TrimSpace(text))
	}
	return list
}

// TestServiceMenu understands a choice whose payload Slack does not take.
func TestServiceMenu(t *testing.T) {
	t.Parallel()
	long := func(i int) string { return fmt.Sprint("/book", i, `{"day": "`+strings.Repeat("x", 200)+`"}`) }
	agent := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		reply := channels.Reply{Text: turn.Message.Text}
		for i := range 30 {
			if turn.Message.Text == "menu" {
				reply.Buttons = append(reply.Buttons, channels.Button{Title: fmt.Sprint("Day ", i), Payload: long(i)})
			}
		}
		return r.Reply(ctx, reply)
	})
	for name, block := range blocks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, block, slacktest.Options{}, agent, func(t *testing.T, s *slacktest.Server) {
				ina := s.Person(slacktest.Ina)
				ina.Say(ina.DM(), "menu")
				waitFor(t, s, "the menu is shown", func() bool { return ina.Choose(ina.DM(), "Day 28") })
				waitFor(t, s, "it is answered", func() bool { c := s.Chat(ina.DM()); return len(c.Texts()) == 2 })
				if c := s.Chat(ina.DM()); c.Texts()[1] != long(28) {
					t.Errorf("%q", c.Texts()[1])
				}
			})
		})
	}
}

// TestServiceMedia lets an agent read what a person has sent, and show a file of its own.
func TestServiceMedia(t *testing.T) {
	t.Parallel()
	agent := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		if len(turn.Message.Attachments) == 0 {
			return r.Reply(ctx, channels.Reply{Attachment: json.RawMessage(`"data:text/plain,hi"`)})
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
	inBubble(t, webhook, slacktest.Options{}, agent, func(t *testing.T, s *slacktest.Server) {
		ina := s.Person(slacktest.Ina)
		ina.Upload(ina.DM(), "", slacktest.File{Name: "a.txt", MIME: "text/plain", Data: []byte("it is read")})
		says(t, s, ina.DM(), "it is read")
		ina.Say(ina.DM(), "file")
		waitFor(t, s, "a file is shown", func() bool {
			m := s.Chat(ina.DM()).Messages
			return len(m[len(m)-1].Files) == 1 && m[len(m)-1].FromBot
		})
	})
}

// TestServiceSlow acknowledges 50 events a second within Slack's 3 seconds while each turn takes 10:
// nothing is delivered again.
func TestServiceSlow(t *testing.T) {
	t.Parallel()
	const people, each = 50, 4
	agent := agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		time.Sleep(10 * time.Second)
		return r.Reply(ctx, channels.Reply{Text: turn.Message.Text})
	})
	inBubble(t, webhook, slacktest.Options{}, agent, func(t *testing.T, s *slacktest.Server) {
		for i := range each {
			for n := range people {
				p := s.Person(fmt.Sprintf("U1%02d", n))
				p.Say(p.DM(), fmt.Sprint("n", i))
				time.Sleep(time.Second / people)
			}
		}
		waitFor(t, s, "all is taken", func() bool { return s.Pending() == 0 })
		if n := len(s.Deliveries()); n != people*each {
			t.Errorf("%d deliveries of %d events", n, people*each)
		}
		for n := range people {
			says(t, s, slacktest.DM(fmt.Sprintf("U1%02d", n)), "n0", "n1", "n2", "n3")
		}
	})
}

// TestServiceBurst answers 500 events of 20 people, each once and in order, though every third is
// delivered twice.
func TestServiceBurst(t *testing.T) {
	t.Parallel()
	const people, events = 20, 25
	for name, block := range blocks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lost atomic.Int32
			lose := func(_ string, n int) bool { return n <= 1 && lost.Add(1)%3 == 0 }
			inBubble(t, block, slacktest.Options{Lose: lose, Rates: true, Pause: func(int) time.Duration { return time.Second }}, &echo.Agent{}, func(t *testing.T, s *slacktest.Server) {
				want := make([]string, events)
				for i := range events {
					want[i] = fmt.Sprint("n", i)
					for n := range people {
						p := s.Person(fmt.Sprintf("U1%02d", n))
						p.Say(p.DM(), want[i])
					}
				}
				for n := range people {
					says(t, s, slacktest.DM(fmt.Sprintf("U1%02d", n)), want...)
				}
				synctest.Wait()
				if n := len(s.Deliveries()); n < people*events+100 {
					t.Errorf("%d deliveries", n)
				}
			})
		})
	}
}
