package slacktest

// conversationInfo tells of a chat. https://docs.slack.dev/reference/methods/conversations.info
func (s *Server) conversationInfo(t *Team, a *args) answer {
	c := s.chats[a.text("channel")]
	switch {
	case !a.has("channel"):
		return without("channel")
	case c == nil || c.team != t.ID:
		return refuse("channel_not_found")
	}
	return result(object{"channel": c.tell()})
}

// tell is how Slack tells of a chat.
func (c *Chat) tell() object {
	o := object{
		"id": c.id, "is_channel": c.kind() == "channel", "is_group": c.kind() == "group", "is_im": c.kind() == "im",
		"is_private": c.kind() != "channel", "is_archived": c.archived, "created": 1_790_000_000, "context_team_id": c.team,
	}
	if c.user != "" {
		o["user"] = c.user
		return o
	}
	o["name"], o["is_member"] = c.name(), !c.left
	return o
}

// name is that of a channel, and of direct messages as Slack's payloads have it.
func (c *Chat) name() string {
	if c.kind() == "im" {
		return "directmessage"
	}
	return "crew"
}

// openConversation opens the direct messages with a person.
// https://docs.slack.dev/reference/methods/conversations.open
func (s *Server) openConversation(t *Team, a *args) answer {
	u := s.users[a.text("users")]
	switch {
	case !a.has("users"):
		return without("users")
	case u == nil || u.team != t.ID:
		return refuse("user_not_found")
	case u.bot != "": // bots have no direct messages with one another
		return refuse("cannot_dm_bot")
	}
	return result(object{"channel": object{"id": s.direct(u).id}})
}

// setStatus shows what the bot is at. https://docs.slack.dev/reference/methods/assistant.threads.setStatus
func (s *Server) setStatus(t *Team, a *args) answer {
	c := s.chats[a.text("channel_id")]
	switch name := a.missing("channel_id", "thread_ts"); {
	case name != "":
		return without(name)
	case c == nil || c.team != t.ID:
		return refuse("channel_not_found")
	case c.root(a.text("thread_ts")) == "":
		return refuse("invalid_thread_ts")
	}
	if a.has("status") { // an empty one takes it away
		c.Statuses = append(c.Statuses, a.text("status"))
	}
	return result(nil)
}
