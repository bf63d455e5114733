package slacktest

import (
	"regexp"
	"slices"
	"unicode/utf8"
)

// https://docs.slack.dev/reference/methods/chat.postMessage, and what people report.
const (
	maxPosted      = 40_000 // characters, above which a text is cut
	maxUpdated     = 4_000  // bytes, above which chat.update refuses
	maxMarkdown    = 12_000
	maxAttachments = 100
)

var timestamp = regexp.MustCompile(`^[0-9]+\.[0-9]{6}$`)

// content is what a call writes.
type content struct {
	text     string
	markdown bool
	blocks   []object
	// hasBlocks says that the call has blocks, though there may be none in them.
	hasBlocks bool
}

// content reads what a call writes, or says why it is refused.
func (a *args) content() (content, *answer) {
	c := content{text: a.text("text")}
	no := func(r answer) (content, *answer) { return content{}, &r }
	var attachments []object
	if a.has("attachments") && !a.decode("attachments", &attachments) {
		return no(refuse("invalid_attachments"))
	}
	if len(attachments) > maxAttachments {
		return no(refuse("too_many_attachments"))
	}
	if a.has("blocks") {
		if !a.decode("blocks", &c.blocks) {
			return no(refuse("invalid_blocks_format"))
		}
		if refused := checkBlocks(c.blocks); refused != nil {
			return no(*refused)
		}
		c.hasBlocks = true
	}
	if markdown := a.text("markdown_text"); markdown != "" {
		switch {
		case c.text != "" || c.hasBlocks:
			return no(refuse("markdown_text_conflict"))
		case utf8.RuneCountInString(markdown) > maxMarkdown:
			return no(refuse("msg_too_long"))
		}
		c.text, c.markdown = markdown, true
	}
	if c.text == "" && len(c.blocks) == 0 && len(attachments) == 0 {
		return no(refuse("no_text"))
	}
	return c, nil
}

// thread returns the thread that a call writes in. One of a message that is not there is
// ignored without a word: https://github.com/slack-go/slack/issues/1571.
func (c *Chat) thread(a *args) (string, *answer) {
	ts := a.text("thread_ts")
	if ts != "" && !timestamp.MatchString(ts) {
		r := explain("invalid_thread_ts", ts+" is not a valid thread_ts")
		return "", &r
	}
	return c.root(ts), nil
}

// postMessage shows a message of the bot's. https://docs.slack.dev/reference/methods/chat.postMessage
func (s *Server) postMessage(t *Team, a *args) answer {
	c, refused := s.writable(t, a)
	if refused != nil {
		return *refused
	}
	thread, refused := c.thread(a)
	if refused != nil {
		return *refused
	}
	what, refused := a.content()
	if refused != nil {
		return *refused
	}
	// Not refused: what is too long is cut without a word.
	if runes := []rune(what.text); len(runes) > maxPosted {
		what.text = string(runes[:maxPosted])
	}
	m := Shown{TS: s.stamp(), Thread: thread, User: t.BotUser, FromBot: true, Text: what.text, Markdown: what.markdown, Blocks: what.blocks}
	c.Messages = append(c.Messages, m)
	told := s.tellBot(t, &m)
	s.echo(t, c, told)
	return result(object{"channel": c.id, "ts": m.TS, "message": told})
}

// postEphemeral shows something to one person alone.
func (s *Server) postEphemeral(t *Team, a *args) answer {
	c, refused := s.writable(t, a)
	if refused != nil {
		return *refused
	}
	u := s.users[a.text("user")]
	switch {
	case !a.has("user"):
		return without("user")
	case u == nil || u.team != t.ID:
		return refuse("user_not_in_channel")
	}
	what, refused := a.content()
	if refused != nil {
		return *refused
	}
	m := Shown{TS: s.stamp(), User: t.BotUser, FromBot: true, Text: what.text, Markdown: what.markdown, Blocks: what.blocks, OnlyFor: u.id}
	c.Messages = append(c.Messages, m)
	return result(object{"message_ts": m.TS})
}

// own finds a message of the bot's own that a call changes.
func (s *Server) own(t *Team, a *args, refusal string) (*Chat, *Shown, *answer) {
	no := func(r answer) (*Chat, *Shown, *answer) { return nil, nil, &r }
	c, refused := s.writable(t, a)
	if refused != nil {
		return no(*refused)
	}
	if !a.has("ts") {
		return no(without("ts"))
	}
	m := c.find(a.text("ts"))
	switch {
	case m == nil || m.OnlyFor != "":
		return no(refuse("message_not_found"))
	case m.User != t.BotUser:
		return no(refuse(refusal))
	}
	return c, m, nil
}

// updateMessage replaces the text, and the blocks where the call has some. Blocks that it does
// not name stay, and hide the new text: https://github.com/slackapi/python-slack-sdk/issues/523.
// https://docs.slack.dev/reference/methods/chat.update
func (s *Server) updateMessage(t *Team, a *args) answer {
	c, m, refused := s.own(t, a, "cant_update_message")
	if refused != nil {
		return *refused
	}
	if m.stream.open() { // one writer at a time
		return refuse("streaming_state_conflict")
	}
	what, refused := a.content()
	switch {
	case refused != nil:
		return *refused
	case !what.markdown && len(what.text) > maxUpdated:
		return refuse("msg_too_long")
	}
	before := *m
	m.Versions = append(m.Versions, m.Reads())
	m.Text, m.Markdown, m.Streaming = what.text, what.markdown, false
	if what.hasBlocks {
		m.Blocks = what.blocks
	}
	told := s.tellBot(t, m)
	s.changedEvent(c, told, s.tellBot(t, &before))
	return result(object{"channel": c.id, "ts": m.TS, "text": m.Text, "message": told})
}

// deleteMessage takes a message off the screen. https://docs.slack.dev/reference/methods/chat.delete
func (s *Server) deleteMessage(t *Team, a *args) answer {
	c, m, refused := s.own(t, a, "cant_delete_message")
	if refused != nil {
		return *refused
	}
	ts := m.TS
	c.Messages = slices.DeleteFunc(c.Messages, func(m Shown) bool { return m.TS == ts })
	s.deletedEvent(c, ts)
	return result(object{"channel": c.id, "ts": ts})
}

// tellBot is how Slack tells of a message of the bot's.
func (s *Server) tellBot(t *Team, m *Shown) object {
	o := object{
		"type": "message", "user": t.BotUser, "bot_id": t.BotID, "app_id": AppID, "text": m.Text, "ts": m.TS, "team": t.ID,
		"bot_profile": object{"id": t.BotID, "app_id": AppID, "name": "vox", "deleted": false, "team_id": t.ID},
	}
	if m.Thread != "" {
		o["thread_ts"] = m.Thread
	}
	if len(m.Blocks) > 0 {
		o["blocks"] = m.Blocks
	}
	return o
}
