package slacktest

import (
	"strings"
	"time"
	"unicode/utf8"
)

// What people measured of streams; Slack documents neither:
// https://github.com/CopilotKit/CopilotKit/pull/6064,
// https://github.com/slackapi/python-slack-sdk/issues/1859.
const (
	maxStream  = 10_600 // bytes of one message
	streamLife = 300 * time.Second
)

// stream is a message that grows by chat.appendStream.
type stream struct {
	since   time.Time
	chunks  bool // its mode
	ended   bool
	stopped bool // by the person
}

// open reports whether the stream takes more.
func (s *stream) open() bool {
	return s != nil && !s.ended && time.Since(s.since) < streamLife
}

// grown is what a call adds to a stream.
type grown struct {
	text   string
	blocks []object
	given  bool
	chunks bool
}

// grown reads what a call adds, or says why it is refused.
func (a *args) grown() (g grown, refused *answer) {
	no := func(code string) (grown, *answer) { r := refuse(code); return grown{}, &r }
	markdown, chunks := a.has("markdown_text"), a.has("chunks")
	if markdown && chunks {
		return no("cannot_provide_both_markdown_text_and_chunks")
	}
	if g.text = a.text("markdown_text"); utf8.RuneCountInString(g.text) > maxMarkdown {
		return no("msg_too_long")
	}
	g.given, g.chunks = markdown || chunks, chunks
	if !chunks {
		return g, nil
	}
	var list []struct {
		Type, Text, Title string
		ID, Status        string
		Blocks            []object
	}
	if !a.decode("chunks", &list) {
		return no("invalid_chunks")
	}
	for _, c := range list {
		switch {
		case c.Type == "markdown_text" && c.Text != "":
			g.text += c.Text
		case c.Type == "task_update" && c.ID != "" && c.Title != "" && c.Status != "":
		case c.Type == "plan_update" && c.Title != "":
		case c.Type == "blocks" && checkBlocks(c.Blocks) == nil:
			g.blocks = append(g.blocks, c.Blocks...)
		default:
			return no("invalid_chunks")
		}
	}
	return g, nil
}

// startStream begins a message that grows. https://docs.slack.dev/reference/methods/chat.startStream
func (s *Server) startStream(t *Team, a *args) answer {
	c, refused := s.writable(t, a)
	if refused != nil {
		return *refused
	}
	thread, refused := c.thread(a)
	switch {
	case refused != nil:
		return *refused
	case thread == "":
		return explain("invalid_thread_ts", "thread_ts is not the ts of a message")
	case c.kind() != "im" && !a.has("recipient_user_id"):
		return refuse("missing_recipient_user_id")
	case c.kind() != "im" && !a.has("recipient_team_id"):
		return refuse("missing_recipient_team_id")
	case a.has("recipient_team_id") && !strings.HasPrefix(a.text("recipient_team_id"), "T"): // an object, say
		return refuse("team_not_found")
	case a.has("recipient_user_id") && s.users[a.text("recipient_user_id")] == nil:
		return refuse("user_not_found")
	}
	g, refused := a.grown()
	if refused != nil {
		return *refused
	}
	m := Shown{
		TS: s.stamp(), Thread: thread, User: t.BotUser, FromBot: true, Markdown: true, Streaming: true,
		stream: &stream{since: time.Now(), chunks: g.chunks},
	}
	if refused := m.grow(g, true); refused != nil {
		return *refused
	}
	c.Messages = append(c.Messages, m)
	s.echo(t, c, s.tellStream(t, &m, "in_progress"))
	return result(object{"channel": c.id, "ts": m.TS})
}

// grow adds to a stream, or says why not. The first call with something sets the mode.
func (m *Shown) grow(g grown, first bool) *answer {
	no := func(code string) *answer { r := refuse(code); return &r }
	switch {
	case g.given && (first || m.Text == "" && len(m.Blocks) == 0):
		m.stream.chunks = g.chunks
	case g.given && g.chunks != m.stream.chunks:
		return no("streaming_mode_mismatch")
	}
	// Of the whole message, not of one call: what is refused is not shown either.
	if len(m.Text)+len(g.text) > maxStream {
		return no("msg_too_long")
	}
	if !first && g.given {
		m.Versions = append(m.Versions, m.Text)
	}
	m.Text += g.text
	m.Blocks = append(m.Blocks, g.blocks...)
	return nil
}

// growing finds the stream that a call continues.
func (s *Server) growing(t *Team, a *args) (*Chat, *Shown, *answer) {
	c, m, refused := s.own(t, a, "message_not_owned_by_app")
	if refused != nil {
		return nil, nil, refused
	}
	no := func(code string) (*Chat, *Shown, *answer) { r := refuse(code); return nil, nil, &r }
	switch {
	case m.stream != nil && m.stream.stopped:
		return no("stopped_by_user")
	case !m.stream.open():
		m.Streaming = false
		return no("message_not_in_streaming_state")
	}
	return c, m, nil
}

// appendStream adds to a stream. https://docs.slack.dev/reference/methods/chat.appendStream
func (s *Server) appendStream(t *Team, a *args) answer {
	c, m, refused := s.growing(t, a)
	if refused != nil {
		return *refused
	}
	g, refused := a.grown()
	switch {
	case refused != nil:
		return *refused
	case !g.given:
		return refuse("no_text")
	}
	if refused := m.grow(g, false); refused != nil {
		return *refused
	}
	return result(object{"channel": c.id, "ts": m.TS})
}

// stopStream ends a stream, with blocks below it where the call has some.
// https://docs.slack.dev/reference/methods/chat.stopStream
func (s *Server) stopStream(t *Team, a *args) answer {
	c, m, refused := s.growing(t, a)
	if refused != nil {
		return *refused
	}
	g, refused := a.grown()
	if refused != nil {
		return *refused
	}
	if a.has("blocks") {
		var blocks []object
		if !a.decode("blocks", &blocks) {
			return refuse("invalid_blocks_format")
		}
		if refused := checkBlocks(blocks); refused != nil {
			return *refused
		}
		g.blocks = append(g.blocks, blocks...)
	}
	before := *m
	if refused := m.grow(g, false); refused != nil {
		return *refused
	}
	m.stream.ended, m.Streaming = true, false
	told := s.tellStream(t, m, "completed")
	s.changedEvent(c, told, s.tellStream(t, &before, "in_progress"))
	return result(object{"channel": c.id, "ts": m.TS, "message": told})
}

// tellStream is how Slack tells of a stream.
func (s *Server) tellStream(t *Team, m *Shown, state string) object {
	o := s.tellBot(t, m)
	o["subtype"], o["streaming_state"] = "bot_message", state
	return o
}
