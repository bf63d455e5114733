package slacktest

import (
	"cmp"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
)

// Person is somebody of a workspace who writes to the bot. What a person does is delivered to
// the app, and shown in Chat.
type Person struct {
	// ID is the user's, Team the workspace's.
	ID, Team string

	s *Server
}

// Person returns somebody of the first workspace, of an id such as Ina.
func (s *Server) Person(id string) Person { return s.PersonOf(TeamID, id) }

// PersonOf returns somebody of a workspace. One that has not installed the app shares channels
// with one that has: such a person writes where somebody of the latter has written before.
func (s *Server) PersonOf(team, id string) Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.direct(s.person(team, id))
	return Person{ID: id, Team: team, s: s}
}

// DM is the id of the person's direct messages with the bot.
func (p Person) DM() string { return DM(p.ID) }

// Say writes in a chat, as one types it, and returns the ts of the message.
func (p Person) Say(chat, text string) string { return p.Reply(chat, "", text) }

// Reply writes in a thread, which the message of that ts begins.
func (p Person) Reply(chat, thread, text string) string {
	return p.write(chat, thread, typed(text), nil)
}

// Mention writes with the bot's name ahead. In a channel the app gets a message and an
// app_mention of it.
func (p Person) Mention(chat, text string) string { return p.MentionIn(chat, "", text) }

// MentionIn is Mention in a thread.
func (p Person) MentionIn(chat, thread, text string) string {
	p.s.mu.Lock()
	bot := p.s.team(p.s.chat(p.Team, chat).team).BotUser
	p.s.mu.Unlock()
	return p.write(chat, thread, "<@"+bot+"> "+typed(text), nil)
}

// Upload sends files with a text, which may be empty.
func (p Person) Upload(chat, text string, files ...File) string {
	p.s.mu.Lock()
	told := []object{}
	var ids []string
	for _, f := range files {
		kept := p.s.keep(p.s.chat(p.Team, chat).team, f)
		kept.uploaded, kept.shared = true, true
		told, ids = append(told, p.s.hint(kept)), append(ids, kept.ID)
	}
	p.s.mu.Unlock()
	return p.writeFiles(chat, "", typed(text), object{"subtype": "file_share", "files": told, "upload": false}, ids)
}

// Write sends a message with the text and the fields as Slack has them.
func (p Person) Write(chat, thread, text string, fields map[string]any) string {
	return p.write(chat, thread, text, fields)
}

var link = regexp.MustCompile(`https?://[^\s<>|]+`)

// typed returns what Slack makes of what somebody types: &, < and > are escaped, links marked.
func typed(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return link.ReplaceAllString(text, "<$0>")
}

// write is writeFiles without files.
func (p Person) write(chat, thread, text string, fields object) string {
	return p.writeFiles(chat, thread, text, fields, nil)
}

// writeFiles shows a message and delivers it: as a message, and as an app_mention too where it
// mentions the bot in a channel. An app gets nothing of a channel that it is not in.
func (p Person) writeFiles(chat, thread, text string, fields object, files []string) string {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(p.Team, chat)
	m := Shown{TS: s.stamp(), Thread: c.root(thread), User: p.ID, Text: text, Files: files}
	c.Messages = append(c.Messages, m)
	if c.left {
		s.change()
		return m.TS
	}
	e := p.tell(c, &m)
	for name, value := range fields {
		e[name] = value
	}
	mentioned := object{} // the same, without the type of the channel
	for name, value := range e {
		if name != "channel_type" {
			mentioned[name] = value
		}
	}
	mentioned["type"] = "app_mention"
	events := []object{e}
	if t := s.team(c.team); t != nil && t.mentions(text) && c.kind() != "im" {
		events = append(events, mentioned)
	}
	if s.options.MentionFirst {
		slices.Reverse(events)
	}
	for _, one := range events {
		s.event(c.team, c.id, one)
	}
	return m.TS
}

// tell is how Slack tells of a person's message.
func (p Person) tell(c *Chat, m *Shown) object {
	o := object{
		"type": "message", "user": p.ID, "text": m.Text, "ts": m.TS, "team": p.Team, "channel": c.id,
		"channel_type": c.kind(), "event_ts": m.TS,
	}
	if p.Team != c.team {
		o["user_team"] = p.Team
	}
	if m.Thread != "" {
		o["thread_ts"] = m.Thread
		if first := c.find(m.Thread); first != nil {
			o["parent_user_id"] = first.User
		}
	}
	if len(m.Files) == 0 { // messages with files have neither
		o["client_msg_id"] = "5c1e0000-0000-4000-8000-" + hex.EncodeToString([]byte(m.TS[len(m.TS)-6:]))
		o["blocks"] = []object{{"type": "rich_text", "block_id": "rt" + m.TS, "elements": []object{{
			"type": "rich_text_section", "elements": []object{{"type": "text", "text": m.Text}},
		}}}}
	}
	return o
}

// Edit changes a message of the person's own.
func (p Person) Edit(chat, ts, text string) bool {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(p.Team, chat)
	m := c.find(ts)
	if m == nil || m.User != p.ID {
		return false
	}
	before := p.tell(c, m)
	m.Versions = append(m.Versions, m.Text)
	m.Text = typed(text)
	now := p.tell(c, m)
	now["edited"] = object{"user": p.ID, "ts": s.stamp()}
	s.changedEvent(c, now, before)
	return true
}

// Unfurl has Slack show what a link in a message leads to, which tells the app of a change in
// which the text is the same.
func (p Person) Unfurl(chat, ts string) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(p.Team, chat)
	if m := c.find(ts); m != nil {
		now := p.tell(c, m)
		now["attachments"] = []object{{"id": 1, "title": "A page", "from_url": "https://x.test/"}}
		s.changedEvent(c, now, p.tell(c, m))
	}
}

// Delete deletes a message of the person's own.
func (p Person) Delete(chat, ts string) bool {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(p.Team, chat)
	if m := c.find(ts); m == nil || m.User != p.ID {
		return false
	}
	c.Messages = slices.DeleteFunc(c.Messages, func(m Shown) bool { return m.TS == ts })
	s.deletedEvent(c, ts)
	return true
}

// Stop presses the button that stops the answer that is growing in a chat, and reports whether
// there is one.
func (p Person) Stop(chat string) bool {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(p.Team, chat)
	for _, m := range slices.Backward(c.Messages) {
		if !m.stream.open() {
			continue
		}
		m.stream.ended, m.stream.stopped = true, true
		c.find(m.TS).Streaming = false
		s.event(c.team, c.id, object{
			"type": "agent_session_stopped", "channel": c.id, "user": p.ID, "thread_ts": cmp.Or(m.Thread, m.TS),
			"streaming_message_ts": []string{m.TS}, "event_ts": s.stamp(),
		})
		return true
	}
	return false
}
