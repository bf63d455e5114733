package slacktest

import (
	"regexp"
	"slices"
	"strings"
)

// Chat is a channel, a group or a direct message as people see it.
type Chat struct {
	// Messages are in order, those of people too.
	Messages []Shown
	// Statuses are those that were shown while the bot was at work, as "is thinking…".
	Statuses []string
	// Warnings are what Slack told a person: the app did not answer in time, and the like.
	Warnings []string

	id       string // starts with C, G or D, which says what it is
	team     string // the workspace that has installed the app
	user     string // with whom, in a direct message
	left     bool   // the bot is no member
	archived bool   // nobody can write
}

// Shown is a message on the screen.
type Shown struct {
	// TS names the message in its chat. Thread is that of the message it answers, "" for none.
	TS, Thread string
	// User is who wrote it.
	User string
	// FromBot says that the app wrote it.
	FromBot bool
	// Text is mrkdwn, or Markdown where Markdown says so.
	Text     string
	Markdown bool
	// Blocks are what is shown in place of the text, where there are some.
	Blocks []map[string]any
	// Files are the ids of its files.
	Files []string
	// OnlyFor is who alone sees it, "" for all.
	OnlyFor string
	// Streaming says that it grows.
	Streaming bool
	// Versions are the texts that were shown before.
	Versions []string

	stream *stream
}

// Chat returns how a channel, group or direct message looks.
func (s *Server) Chat(id string) Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[id]
	if c == nil {
		return Chat{}
	}
	// A copy, so that the caller reads it while the chat goes on.
	shown := *c
	shown.Messages = slices.Clone(c.Messages)
	for i := range shown.Messages {
		shown.Messages[i].Streaming = shown.Messages[i].stream.open() // its time may be over
	}
	shown.Statuses, shown.Warnings = slices.Clone(c.Statuses), slices.Clone(c.Warnings)
	return shown
}

// Texts returns what the bot has said in a chat: what a person reads.
func (c *Chat) Texts() (texts []string) {
	for _, m := range c.Messages {
		if m.FromBot {
			texts = append(texts, m.Reads())
		}
	}
	return texts
}

// Thread returns the messages of a thread, with the one that it began with.
func (c *Chat) Thread(ts string) (list []Shown) {
	for _, m := range c.Messages {
		if m.TS == ts || m.Thread == ts {
			list = append(list, m)
		}
	}
	return list
}

// Reads is what a person reads: the texts of the blocks, one a line, or the text. A stream has
// its blocks below its text.
func (m *Shown) Reads() string {
	if len(m.Blocks) == 0 {
		return m.Text
	}
	var lines []string
	if m.stream != nil && m.Text != "" {
		lines = append(lines, m.Text)
	}
	for _, b := range m.Blocks {
		lines = append(lines, textsOf(b)...)
	}
	return strings.Join(lines, "\n")
}

var ping = regexp.MustCompile(`<(?:![a-z]+|!subteam\^|@[UW])[^<>]*>`)

// Pings are those whom the message calls, as Slack writes them: "<!channel>" calls all who are
// there, "<@U0AAA1>" one. A text from elsewhere must not, which is why it is escaped.
func (m *Shown) Pings() (list []string) {
	for _, one := range ping.FindAllString(m.Reads(), -1) {
		if !strings.HasPrefix(one, "<!date^") { // which calls nobody
			list = append(list, one)
		}
	}
	return list
}

// chat returns a chat, which is there once somebody writes in it. The lock is held.
func (s *Server) chat(team, id string) *Chat {
	if s.chats[id] == nil {
		s.chats[id] = &Chat{id: id, team: team}
	}
	return s.chats[id]
}

// direct returns the direct messages of a person with the bot. The lock is held.
func (s *Server) direct(u *user) *Chat {
	c := s.chat(u.team, DM(u.id))
	c.user = u.id
	return c
}

// DM is the id of a person's direct messages with the bot.
func DM(user string) string { return "D" + strings.TrimLeft(user, "UW") }

// kind is Slack's channel_type.
func (c *Chat) kind() string {
	switch {
	case strings.HasPrefix(c.id, "D"):
		return "im"
	case strings.HasPrefix(c.id, "G"):
		return "group"
	}
	return "channel"
}

// find returns a message, nil when there is none.
func (c *Chat) find(ts string) *Shown {
	if i := slices.IndexFunc(c.Messages, func(m Shown) bool { return m.TS == ts }); i >= 0 {
		return &c.Messages[i]
	}
	return nil
}

// root returns with which message the thread of a message begins, "" for one that is not there.
func (c *Chat) root(ts string) string {
	m := c.find(ts)
	switch {
	case m == nil:
		return ""
	case m.Thread != "":
		return m.Thread
	}
	return m.TS
}

// Archive archives a channel. Leave takes the bot out of it, Join back in.
func (s *Server) Archive(id string) { s.alter(id, func(c *Chat) { c.archived = true }) }

// Leave takes the bot out of a channel.
func (s *Server) Leave(id string) { s.alter(id, func(c *Chat) { c.left = true }) }

// Join makes the bot a member of a channel.
func (s *Server) Join(id string) { s.alter(id, func(c *Chat) { c.left = false }) }

// alter changes a chat, which need not be there yet.
func (s *Server) alter(id string, how func(*Chat)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how(s.chat(TeamID, id))
}

// writable finds the chat that a call writes to, or says why it cannot. A person's id stands
// for the direct messages.
func (s *Server) writable(t *Team, a *args) (*Chat, *answer) {
	no := func(r answer) (*Chat, *answer) { return nil, &r }
	id := a.text("channel")
	if id == "" {
		return no(without("channel"))
	}
	// https://docs.slack.dev/reference/methods/chat.postMessage#channels
	if u := s.users[id]; u != nil && u.team == t.ID {
		return s.direct(u), nil
	}
	c := s.chats[id]
	switch {
	case c == nil || c.team != t.ID:
		return no(refuse("channel_not_found"))
	case c.archived:
		return no(refuse("is_archived"))
	case c.left:
		return no(refuse("not_in_channel"))
	}
	return c, nil
}
