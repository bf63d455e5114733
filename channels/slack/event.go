package slack

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// envelope is what the Events API posts. Of its fields these are read. Those without a tag are
// called alike. https://docs.slack.dev/apis/events-api
type envelope struct {
	Type, Challenge string
	Team            string   `json:"team_id"`
	ContextTeam     string   `json:"context_team_id"`
	AuthedUsers     []string `json:"authed_users"`
	// Authorizations say for whom the event was delivered.
	Authorizations []struct {
		Team  string `json:"team_id"`
		User  string `json:"user_id"`
		IsBot bool   `json:"is_bot"`
	}
	Event event
}

// event is what has happened. Team and UserTeam are the writer's, who may be of another
// workspace; Message and Previous are of message_changed.
type event struct {
	Type, Subtype, Channel, User, Text, TS, Team string

	ChannelType string `json:"channel_type"`
	BotID       string `json:"bot_id"`
	ThreadTS    string `json:"thread_ts"`
	UserTeam    string `json:"user_team"`
	Files       []file
	Message     *event
	Previous    *event `json:"previous_message"`
	Edited      struct{ TS string }
}

// team returns the workspace whose app the event is for. In a shared channel that of the
// writer may be another.
func (e *envelope) team() string {
	if len(e.Authorizations) > 0 && e.Authorizations[0].Team != "" {
		return e.Authorizations[0].Team
	}
	return cmp.Or(e.ContextTeam, e.Team)
}

// users are those that Rasa's metadata has: for whom the event was delivered. The mentions of at
// most ten are taken away.
func (e *envelope) users() []string {
	switch {
	case len(e.AuthedUsers) > 0:
		return e.AuthedUsers[:min(len(e.AuthedUsers), 10)]
	case len(e.Authorizations) > 0:
		return []string{e.Authorizations[0].User}
	}
	return []string{}
}

// takeEvent reads an event: a message, or whose turn shall end. What is neither is recorded.
func (c *Channel) takeEvent(ctx context.Context, e *envelope, t *taken) {
	ev, id, users := e.Event, "", e.users()
	if ev.Type == "agent_session_stopped" && ev.User != "" && !c.isForeign(e.team()) {
		t.Stops = append(t.Stops, channels.Stop{Sender: c.senderOf(ev.User, ev.Channel, ev.ThreadTS)})
		return
	}
	if ev.Subtype == "message_changed" && c.config.EditedMessages && ev.Message != nil {
		id = "/" + ev.Message.Edited.TS
		ev = edited(ev)
	}
	text, attachments := markup.FromSlack(ev.Text, append(slices.Clone(users), c.me.Load().User)...), attachmentsOf(ev.Files)
	why := c.refuses(e, &ev)
	if why == "" && text == "" && attachments == nil {
		why = "nothing was written or sent"
	}
	if why != "" {
		c.ignored(ctx, cmp.Or(strings.Trim(ev.Type+"."+e.Event.Subtype, "."), e.Type), why)
		return
	}
	o := origin{
		Kind: "message", Channel: ev.Channel, User: ev.User, TS: ev.TS, Thread: cmp.Or(ev.ThreadTS, ev.TS),
		Team: e.team(), userTeam: cmp.Or(ev.UserTeam, ev.Team, e.team()), Users: users,
		inThread: ev.ThreadTS != "" && ev.ChannelType == "im", // in private, whoever writes in a thread reads there
	}
	// A mention comes as message and as app_mention, in either order. It is one turn.
	c.say(t, &o, ev.Channel+"/"+ev.TS+id, text, attachments...)
}

// edited returns the message that message_changed is about. Slack tells it of changes that
// nobody made too: then it has no edit, or no other text.
func edited(ev event) event {
	m := *ev.Message
	m.Type, m.Channel, m.ChannelType = "message", ev.Channel, ev.ChannelType
	if m.Edited.TS == "" || ev.Previous != nil && ev.Previous.Text == m.Text {
		m.Subtype = "message_changed"
	}
	return m
}

// refuses returns why an event is no turn, "" when it may be one. Other bots are not answered, or
// two bots would talk for ever. https://docs.slack.dev/reference/events/message#subtypes
func (c *Channel) refuses(e *envelope, ev *event) string {
	mention := ev.Type == "app_mention"
	switch {
	case e.Type == "app_rate_limited":
		c.log.Warn("Slack leaves out events: there were more than 30,000 in an hour")
		return "events were left out"
	case e.Type != "event_callback" || ev.Type != "message" && !mention:
		return "its kind is not answered"
	case c.isForeign(e.team()):
		return "it is of another workspace"
	case !slices.Contains([]string{"", "file_share", "thread_broadcast", "me_message"}, ev.Subtype):
		return "nobody wrote a new message"
	case ev.BotID != "":
		return "a bot wrote it"
	case ev.User == "" || ev.Channel == "" || ev.TS == "":
		return "it has no user, channel or ts"
	case ev.User == c.me.Load().User || len(e.Authorizations) > 0 && e.Authorizations[0].IsBot && ev.User == e.Authorizations[0].User:
		return "the bot wrote it"
	case ev.ChannelType != "im" && !mention && ev.Channel != c.config.SlackChannel:
		return "it is not addressed to the bot"
	}
	return ""
}
