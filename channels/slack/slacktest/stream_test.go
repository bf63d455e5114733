package slacktest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// streaming is a stream in a channel.
type streaming struct {
	bubble
	t  *testing.T
	ts string
}

// inStream starts a stream in a thread of Ina's.
func inStream(t *testing.T, first string, test func(streaming)) {
	t.Helper()
	inBubble(t, slacktest.Options{}, &app{}, func(t *testing.T, b bubble) {
		ts := b.Person(slacktest.Ina).Say("C1", "hi")
		a := call(t, b.Server, token, "chat.startStream", fmt.Sprintf(
			`{"channel":"C1","thread_ts":%q,"recipient_user_id":"U0AAA1","recipient_team_id":"T0AAA1"%s}`, ts, first))
		if !a.OK {
			t.Fatalf("%+v", a)
		}
		test(streaming{bubble: b, t: t, ts: a.TS})
	})
}

// do continues the stream, and returns the error string.
func (s streaming) do(method, more string) string {
	s.t.Helper()
	return call(s.t, s.Server, token, "chat."+method, fmt.Sprintf(`{"channel":"C1","ts":%q%s}`, s.ts, more)).Error
}

func (s streaming) shown() slacktest.Shown {
	c := s.Chat("C1")
	return c.Messages[1]
}

func markdown(text string) string { return `,"markdown_text":"` + text + `"` }

func chunk(text string) string {
	return `,"chunks":[{"type":"markdown_text","text":"` + text + `"}]`
}

// TestStream grows, and ends with blocks.
func TestStream(t *testing.T) {
	t.Parallel()
	inStream(t, markdown("**a"), func(s streaming) {
		if got := s.do("appendStream", markdown("b**")); got != "" {
			t.Error(got)
		}
		if m := s.shown(); !m.Streaming || m.Text != "**ab**" || !m.Markdown || m.Thread == "" {
			t.Errorf("%+v", m)
		}
		if got := s.do("update", `,"text":"x"`); got != "streaming_state_conflict" {
			t.Error(got)
		}
		if got := s.do("stopStream", markdown("c")+`,"blocks":[`+actions(button("a", "Yes", "v"))+`]`); got != "" {
			t.Error(got)
		}
		m := s.shown()
		if diff := cmp.Diff([]string{"**a", "**ab**"}, m.Versions); diff != "" || m.Streaming || m.Reads() != "**ab**c" || len(m.Blocks) != 1 {
			t.Errorf("%s %+v", diff, m)
		}
		if got := s.do("appendStream", markdown("d")); got != "message_not_in_streaming_state" {
			t.Error(got)
		}
		if got := s.do("update", `,"text":"whole"`); got != "" {
			t.Error(got)
		}
	})
}

// TestStreamModes refuses two modes in one stream.
func TestStreamModes(t *testing.T) {
	t.Parallel()
	inStream(t, "", func(s streaming) {
		for _, c := range []struct{ more, want string }{
			{markdown("a") + chunk("a"), "cannot_provide_both_markdown_text_and_chunks"},
			{chunk("a"), ""},
			{markdown("b"), "streaming_mode_mismatch"},
			{`,"chunks":[{"type":"task_update","id":"1","title":"look","status":"in_progress"}]`, ""},
			{`,"chunks":[{"type":"poem"}]`, "invalid_chunks"},
			{"", "no_text"},
			{chunk("b"), ""},
		} {
			if got := s.do("appendStream", c.more); got != c.want {
				t.Errorf("%s: %q, want %q", c.more, got, c.want)
			}
		}
		if m := s.shown(); m.Text != "ab" {
			t.Errorf("%+v", m)
		}
	})
}

// TestStreamSize ends a message at what people measured, in bytes.
func TestStreamSize(t *testing.T) {
	t.Parallel()
	inStream(t, markdown(strings.Repeat("ä", 5000)), func(s streaming) {
		if got := s.do("appendStream", markdown(strings.Repeat("a", 600))); got != "" {
			t.Error(got)
		}
		if got := s.do("appendStream", markdown("a")); got != "msg_too_long" {
			t.Error(got)
		}
		if got := s.do("stopStream", ""); got != "" {
			t.Error(got)
		}
	})
}

// TestStreamLife ends a stream after five minutes, however much is appended.
func TestStreamLife(t *testing.T) {
	t.Parallel()
	inStream(t, markdown("a"), func(s streaming) {
		for range 4 {
			time.Sleep(time.Minute)
			if got := s.do("appendStream", markdown("a")); got != "" {
				t.Error(got)
			}
		}
		time.Sleep(time.Minute)
		if s.shown().Streaming {
			t.Error("it seems to grow")
		}
		for _, method := range []string{"appendStream", "stopStream"} {
			if got := s.do(method, markdown("a")); got != "message_not_in_streaming_state" {
				t.Error(method, got)
			}
		}
		if got := s.do("update", `,"text":"aaaaaa"`); got != "" || s.shown().Text != "aaaaaa" {
			t.Error(got, s.shown())
		}
	})
}

// TestStop ends a stream by the person's button, which the app is told.
func TestStop(t *testing.T) {
	t.Parallel()
	inStream(t, markdown("a"), func(s streaming) {
		ina := s.Person(slacktest.Ina)
		if !ina.Stop("C1") || ina.Stop("C1") {
			t.Error("it does not stop, or twice")
		}
		if got := s.do("appendStream", markdown("a")); got != "stopped_by_user" {
			t.Error(got)
		}
		synctest.Wait()
		all := s.app.all()
		if last := all[len(all)-1].body; !strings.Contains(last, `"agent_session_stopped"`) || !strings.Contains(last, s.ts) {
			t.Error(last)
		}
	})
}

// TestDirectStream needs no recipient, but a thread.
func TestDirectStream(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	ina := s.Person(slacktest.Ina)
	ts := ina.Say(ina.DM(), "hi")
	if a := call(t, s, token, "chat.startStream", in(ina.DM(), "", `"thread_ts":"`+ts+`"`)); !a.OK {
		t.Errorf("%+v", a)
	}
}
