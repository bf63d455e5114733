package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// interaction is what somebody has pressed, chosen or filled in.
// https://docs.slack.dev/reference/interaction-payloads
type interaction struct {
	Type string
	User struct {
		ID, Username string
		Team         string `json:"team_id"`
	}
	Team, Channel struct{ ID string } // the team is null where an organisation has installed the app
	Message       event
	Actions       []map[string]json.RawMessage
	View          *view
	Container     struct {
		Channel  string `json:"channel_id"`
		TS       string `json:"message_ts"`
		ThreadTS string `json:"thread_ts"`
	}
	Callback string `json:"callback_id"`
	ActionTS string `json:"action_ts"`
}

// view is a form. What was filled in stands in its state, which is kept as it is.
type view struct {
	ID            string          `json:"id"`
	Callback      string          `json:"callback_id"`
	Private       string          `json:"private_metadata"`
	InstalledTeam string          `json:"app_installed_team_id,omitempty"`
	Hash          string          `json:"hash,omitempty"`
	State         json.RawMessage `json:"state,omitempty"`
}

// chosen returns what was chosen by an element, which is the message's text: each has it under one
// of these keys. It is "" for a link, and for what was cleared.
func chosen(action map[string]json.RawMessage) string {
	for _, key := range strings.Fields(`value selected_option selected_options selected_user selected_users
		selected_conversation selected_conversations selected_channel selected_channels selected_date selected_time
		selected_date_time rich_text_value`) {
		if text := channels.JSONText(action[key], "value"); text != "" {
			return text
		}
	}
	return ""
}

// takeInteraction reads an interaction. Each action is a message.
func (c *Channel) takeInteraction(ctx context.Context, i *interaction, t *taken) {
	thread, ts := cmp.Or(i.Message.ThreadTS, i.Container.ThreadTS), cmp.Or(i.Message.TS, i.Container.TS)
	o := origin{
		Kind: i.Type, Channel: cmp.Or(i.Channel.ID, i.Container.Channel), User: i.User.ID, UserName: i.User.Username,
		Users: []string{i.User.ID}, TS: ts, Thread: cmp.Or(thread, ts), Team: cmp.Or(i.Team.ID, i.User.Team), Callback: i.Callback,
	}
	if i.View != nil {
		o.Team = cmp.Or(i.View.InstalledTeam, o.Team)
	}
	o.userTeam = cmp.Or(i.User.Team, o.Team)
	o.inThread = thread != "" && strings.HasPrefix(o.Channel, "D") // a private conversation
	switch {
	case i.Type == "block_suggestion":
		t.answer = json.RawMessage(`{"options":[]}`)
	case i.User.ID == "" || c.isForeign(o.Team):
		c.ignored(ctx, i.Type, "it is of nobody, or of another workspace")
	case i.Callback != "" && (i.Type == "message_action" || i.Type == "shortcut"):
		c.say(t, &o, o.User+"/"+i.ActionTS+"/"+i.Callback, i.Callback)
	case i.Type == "view_submission" && i.View != nil && i.View.Callback != "":
		o.View, o.Callback = i.View, i.View.Callback
		c.say(t, &o, o.User+"/"+i.View.ID+"/"+i.View.Hash, i.View.Callback)
	case i.Type == "block_actions" || i.Type == "interactive_message":
		for _, action := range i.Actions {
			c.takeAction(ctx, o, i.ActionTS, action, t)
		}
	default:
		c.ignored(ctx, i.Type, "its kind is not answered")
	}
}

// takeAction reads the use of an element.
func (c *Channel) takeAction(ctx context.Context, o origin, ts string, action map[string]json.RawMessage, t *taken) {
	field := func(key string) string { return channels.JSONText(action[key], "value") }
	o.Action = map[string]string{"type": field("type"), "action_id": field("action_id"), "block_id": field("block_id")}
	text := chosen(action)
	if text == "" {
		c.ignored(ctx, o.Kind+"."+field("type"), "a link was opened, or nothing is chosen")
		return
	}
	c.say(t, &o, o.User+"/"+cmp.Or(field("action_ts"), ts)+"/"+field("block_id")+"/"+field("action_id"), text)
}

// command is a slash command. It comes as a form, or by Socket Mode as JSON.
// https://docs.slack.dev/interactivity/implementing-slash-commands
type command struct {
	Command, Text string
	Team          string `json:"team_id"`
	Channel       string `json:"channel_id"`
	User          string `json:"user_id"`
	UserName      string `json:"user_name"`
	ResponseURL   string `json:"response_url"`
	Trigger       string `json:"trigger_id"`
}

// takeCommand reads a slash command. Its text is the command with what stands behind it. Slack
// shows neither to the others of the channel, where the app need not be a member: it is answered
// by its response_url.
func (c *Channel) takeCommand(ctx context.Context, cmd *command, t *taken) {
	if cmd.User == "" || cmd.Command == "" || c.isForeign(cmd.Team) {
		c.ignored(ctx, kindCommand, "it is of nobody, or of another workspace")
		return
	}
	o := origin{
		Kind: "slash_command", Channel: cmd.Channel, User: cmd.User, UserName: cmd.UserName, Users: []string{cmd.User},
		Team: cmd.Team, userTeam: cmd.Team, hook: cmd.ResponseURL,
	}
	c.say(t, &o, cmd.User+"/"+cmd.Trigger, markup.FromSlack(cmd.Command+" "+cmd.Text))
}
