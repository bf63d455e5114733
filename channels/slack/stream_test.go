package slack_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// crew is a channel in which Ina has written, ts what she wrote.
const crew = "C0CREW1"

// growing is a part that answers Ina: in the thread of what she wrote, or in the channel.
func growing(ts, text string, inThread bool) channels.Part {
	thread := ts
	if !inThread {
		thread = ""
	}
	return channels.Part{
		ID: "p1", Channel: "slack", Sender: slacktest.Ina, Address: crew + "/" + thread + "/" + slacktest.Ina + "/" + slacktest.TeamID + "/",
		Reply: channels.Reply{Text: text, Format: channels.FormatMarkdown},
	}
}

// streaming opens a channel on a fake in which Ina has written in a channel.
func streaming(t *testing.T, keys string) (channel, *slacktest.Server, string) {
	t.Helper()
	c, s := onFake(t, webhook+keys)
	return c, s, s.Person(slacktest.Ina).Mention(crew, "tell")
}

// methods are those that were called.
func methods(s *slacktest.Server) (list []string) {
	for _, c := range s.Calls() {
		list = append(list, strings.TrimPrefix(c.Method, "chat."))
	}
	return list
}

// last is what the bot has said last.
func last(t *testing.T, s *slacktest.Server) slacktest.Shown {
	t.Helper()
	chat := s.Chat(crew)
	return chat.Messages[len(chat.Messages)-1]
}

// grow opens a message, adds to it and closes it.
func grow(t *testing.T, c channel, ts string, inThread bool, texts ...string) channels.Receipt {
	t.Helper()
	text := texts[0]
	receipt, err := c.Open(t.Context(), growing(ts, text, inThread))
	if err != nil {
		t.Fatal(err)
	}
	for i, piece := range texts[1:] {
		p := growing(ts, text+piece, inThread)
		if i < len(texts)-2 {
			err = c.Append(t.Context(), p, receipt, piece)
		} else {
			receipt, err = c.Close(t.Context(), c.Fit(p)[0], receipt, piece)
		}
		if err != nil {
			t.Fatal(err)
		}
		text += piece
	}
	return receipt
}

func TestStream(t *testing.T) {
	t.Parallel()
	c, s, ts := streaming(t, "")
	receipt := grow(t, c, ts, true, "**He", "llo** <", "!channel> @cha", "nnel ina@here.test")
	if diff := cmp.Diff([]string{"startStream", "appendStream", "appendStream", "stopStream"}, methods(s)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	m := last(t, s)
	if m.TS != receipt.ID || m.Thread != ts || m.Streaming || !m.Markdown || m.Reads() != "**Hello** <\u200b!channel> @\u200bchannel ina@here.test" {
		t.Errorf("%+v", m)
	}
	for _, call := range s.Calls("chat.startStream") {
		if call.Args["recipient_user_id"] != slacktest.Ina || call.Args["recipient_team_id"] != slacktest.TeamID {
			t.Errorf("%v", call.Args)
		}
	}
}

// TestStreamButtons ends a stream with the buttons of the reply.
func TestStreamButtons(t *testing.T) {
	t.Parallel()
	c, s, ts := streaming(t, "")
	receipt, err := c.Open(t.Context(), growing(ts, "one", true))
	if err != nil {
		t.Fatal(err)
	}
	whole := growing(ts, "one two", true)
	whole.Reply.Buttons = []channels.Button{{Title: "Yes", Payload: "/yes"}}
	if !c.Closes(whole) || c.Closes(channels.Part{Reply: channels.Reply{Image: "x"}}) {
		t.Error("a stream ends with buttons, and with no picture")
	}
	if _, err := c.Close(t.Context(), c.Fit(whole)[0], receipt, " two"); err != nil {
		t.Fatal(err)
	}
	if m := last(t, s); m.Text != "one two" || len(m.Blocks) != 1 {
		t.Errorf("%+v", m)
	}
}

// TestStreamRepaired replaces what nobody knows, and what Slack has ended by itself.
func TestStreamRepaired(t *testing.T) {
	t.Parallel()
	buttons := []channels.Button{{Title: "Yes", Payload: "/yes"}}
	for _, x := range []struct {
		name, piece string
		buttons     []channels.Button
		before      func(*slacktest.Server)
		want        []string
	}{
		{"an outcome that nobody knows", "one two", nil, func(*slacktest.Server) {}, []string{"stopStream", "update"}},
		{"with buttons", "one two", buttons, func(*slacktest.Server) {}, []string{"stopStream", "update"}},
		{"ended by Slack", " two", nil, func(s *slacktest.Server) { s.Fail("chat.stopStream", "message_not_in_streaming_state") }, []string{"stopStream", "update"}},
		{"too long", " two", buttons, func(s *slacktest.Server) { s.Fail("chat.stopStream", "msg_too_long") }, []string{"stopStream", "stopStream", "update"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			c, s, ts := streaming(t, "")
			receipt, err := c.Open(t.Context(), growing(ts, "one", true))
			if err != nil {
				t.Fatal(err)
			}
			if x.name == "ended by Slack" {
				p := growing(ts, "one", true)
				if _, err := c.Close(t.Context(), p, receipt, ""); err != nil { // by hand
					t.Fatal(err)
				}
			}
			n := len(methods(s))
			x.before(s)
			whole := growing(ts, "one two", true)
			whole.Reply.Buttons = x.buttons
			closed, err := c.Close(t.Context(), whole, receipt, x.piece)
			if err != nil || receipt.ID == closed.ID {
				t.Fatal(closed, err)
			}
			if diff := cmp.Diff(x.want, methods(s)[n:]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if m := last(t, s); m.TS != closed.ID || m.Streaming || !strings.Contains(m.Reads(), "one two") || len(m.Blocks) != 2*len(x.buttons) {
				t.Errorf("%+v", m)
			}
		})
	}
}

// TestStreamStopped leaves what a person has stopped.
func TestStreamStopped(t *testing.T) {
	t.Parallel()
	c, s, ts := streaming(t, "")
	receipt, err := c.Open(t.Context(), growing(ts, "one", true))
	if err != nil {
		t.Fatal(err)
	}
	s.Fail("chat.appendStream", "stopped_by_user")
	if err := c.Append(t.Context(), growing(ts, "one two", true), receipt, " two"); channels.AsSendError(err).Class != channels.SendRejected {
		t.Errorf("%v", err)
	}
	s.Fail("chat.stopStream", "stopped_by_user")
	if closed, err := c.Close(t.Context(), growing(ts, "one two three", true), receipt, " two three"); err != nil || "stream/"+closed.ID != receipt.ID {
		t.Error(closed, err)
	}
}

// TestStreamEdits edits where there is no stream: outside threads, of text that is no Markdown,
// and where Slack refuses one.
func TestStreamEdits(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, keys, refusal string
		inThread            bool
	}{
		{"no thread", "", "", false},
		{"edit", "\nstreaming: edit", "", true},
		{"no such method", "", "unknown_method", true},
		{"refused arguments", "", "invalid_arguments", true},
		{"too many streams", "", "ratelimited", true},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			c, s, ts := streaming(t, x.keys)
			if x.refusal != "" {
				s.Fail("chat.startStream", x.refusal)
			}
			receipt := grow(t, c, ts, x.inThread, "*o", "ne*", " two", " three")
			m := last(t, s)
			if m.TS != receipt.ID || m.Markdown || m.Reads() != "_one_ two three" || (m.Thread == ts) != x.inThread {
				t.Errorf("%+v", m)
			}
			if diff := cmp.Diff([]string{"_o_", "_one_"}, m.Versions); diff != "" {
				t.Errorf("the second edit comes too soon: -want +got:\n%s", diff)
			}
			n := len(s.Calls("chat.startStream"))
			if grow(t, c, ts, x.inThread, "a", "b"); x.refusal == "unknown_method" && len(s.Calls("chat.startStream")) != n {
				t.Error("a stream is asked for again, where there are none")
			}
		})
	}
}

// TestStreamRefused returns what is no matter of streams.
func TestStreamRefused(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]channels.SendClass{"is_archived": channels.SendGone, "invalid_auth": channels.SendUnauthorized, "internal_error": channels.SendUnavailable} {
		c, s, ts := streaming(t, "")
		s.Fail("chat.startStream", code)
		if _, err := c.Open(t.Context(), growing(ts, "a", true)); channels.AsSendError(err).Class != want || len(s.Calls("chat.postMessage")) > 0 {
			t.Errorf("%s: %v, %q", code, err, methods(s))
		}
	}
	c, s, ts := streaming(t, "")
	for _, address := range []string{"U1//U1/T1/", "C1//U1/T1/https:%2F%2Fhooks.slack.com%2F1"} {
		p := growing(ts, "a", true)
		p.Address = address
		if _, err := c.Open(t.Context(), p); channels.AsSendError(err).Class != channels.SendRejected {
			t.Errorf("%s: %v", address, err)
		}
	}
	if got := methods(s); got != nil {
		t.Errorf("called %q", got)
	}
}

// TestStreamLong edits a text that is longer than chat.update takes, and one that becomes short.
func TestStreamLong(t *testing.T) {
	t.Parallel()
	c, s, ts := streaming(t, "\nstreaming: edit")
	long := strings.TrimSpace(strings.Repeat("word ", 1700))
	grow(t, c, ts, true, "word", long[4:], "")
	if m := last(t, s); strings.Join(strings.Fields(m.Reads()), " ") != long || len(m.Blocks) != 3 {
		t.Errorf("%d blocks: %.80q", len(m.Blocks), m.Reads())
	}
	receipt := channels.Receipt{ID: last(t, s).TS}
	if _, err := c.Close(t.Context(), growing(ts, "short", true), receipt, "short"); err != nil {
		t.Fatal(err)
	}
	if m := last(t, s); m.Reads() != "short" {
		t.Errorf("%.80q", m.Reads())
	}
}

// TestStreamTiers calls no method more often than its tier allows.
func TestStreamTiers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := slacktest.New(slacktest.Options{Token: token, Rates: true})
		defer s.Close()
		ts := s.Person(slacktest.Ina).Mention(crew, "tell")
		c := onPipe(t, s, webhook)
		throttled := 0
		began := time.Now()
		for time.Since(began) < 3*time.Minute {
			receipt, err := c.Open(t.Context(), growing(ts, "a", true))
			if err != nil { // of chat.postMessage, whose rate the service keeps to
				throttled++
			} else {
				for range 20 {
					if err := c.Append(t.Context(), growing(ts, "ab", true), receipt, "b"); err != nil && channels.AsSendError(err).Class != channels.SendThrottled {
						t.Fatal(err)
					}
				}
			}
			time.Sleep(time.Second)
		}
		for _, call := range s.Calls("chat.startStream", "chat.appendStream", "chat.update") {
			if call.Status != 200 {
				t.Errorf("%s after %v: status %d", call.Method, call.At.Sub(began), call.Status)
			}
		}
		if n := len(s.Calls("chat.startStream")); n < 40 || throttled > 60 {
			t.Errorf("%d streams, %d times too much was posted", n, throttled)
		}
	})
}

// TestStreamingOff makes a channel that is no Streamer.
func TestStreamingOff(t *testing.T) {
	t.Parallel()
	if _, ok := channeltest.Open(t, typ(), webhook+"\nstreaming: \"off\"").(channels.Streamer); ok {
		t.Error("a Streamer")
	}
}
