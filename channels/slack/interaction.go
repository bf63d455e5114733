package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
)

// interaction is what somebody has pressed, chosen or filled in.
// https://docs.slack.dev/reference/interaction-payloads
type interaction struct {
	Type string `json:"type"`
	User struct {
		ID   string `json:"id"`
		Name string `json:"username"`
		Team string `json:"team_id"`
	} `json:"user"`
	Team      named                        `json:"team"` // null where an organisation has installed the app
	Channel   named                        `json:"channel"`
	Message   event                        `json:"message"`
	Actions   []map[string]json.RawMessage `json:"actions"`
	View      *view                        `json:"view"`
	Container struct {
		Channel  string `json:"channel_id"`
		TS       string `json:"message_ts"`
		ThreadTS string `json:"thread_ts"`
	} `json:"container"`
	Callback string `json:"callback_id"`
	ActionTS string `json:"action_ts"`
}

type named struct {
	ID string `json:"id"`
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

// chosenKeys are where an element has what was chosen by it. Each has one of them.
func chosenKeys() []string {
	return strings.Fields(`value selected_option selected_options selected_user selected_users selected_conversation
		selected_conversations selected_channel selected_channels selected_date selected_time selected_date_time
		rich_text_value`)
}

// chosen returns what was chosen by an element, which is the message's text: several things are
// divided by ", ". It is "" for a link, and for what was cleared.
func chosen(action map[string]json.RawMessage) string {
	for _, key := range chosenKeys() {
		if text := textOfJSON(action[key]); text != "" {
			return text
		}
	}
	return ""
}

// textOfJSON returns a text, the value of an option, or several of them; else the JSON itself.
func textOfJSON(raw json.RawMessage) string {
	var text string
	var option struct{ Value *string }
	var list []json.RawMessage
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return text
	case json.Unmarshal(raw, &option) == nil && option.Value != nil:
		return *option.Value
	case json.Unmarshal(raw, &list) == nil:
		var all []string
		for _, one := range list {
			all = append(all, textOfJSON(one))
		}
		return strings.Join(all, ", ")
	}
	return string(raw)
}

// takeInteraction reads an interaction. Each action is a message.
func (c *Channel) takeInteraction(ctx context.Context, i *interaction, t *taken) {
	channel, ts := cmp.Or(i.Channel.ID, i.Container.Channel), cmp.Or(i.Message.TS, i.Container.TS)
	thread := cmp.Or(i.Message.ThreadTS, i.Container.ThreadTS)
	o := origin{
		Kind: i.Type, Channel: channel, User: i.User.ID, UserName: i.User.Name, Users: []string{i.User.ID}, TS: ts,
		Thread: cmp.Or(thread, ts), Team: cmp.Or(i.Team.ID, i.User.Team), Callback: i.Callback,
		inThread: thread != "" && strings.HasPrefix(channel, "D"), // a private conversation
	}
	if i.View != nil {
		o.Team = cmp.Or(i.View.InstalledTeam, o.Team)
	}
	o.userTeam = cmp.Or(i.User.Team, o.Team)
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
	text := chosen(action)
	o.Action = &actionOrigin{textOfJSON(action["type"]), textOfJSON(action["action_id"]), textOfJSON(action["block_id"])}
	if text == "" {
		c.ignored(ctx, o.Kind+"."+o.Action.Type, "a link was opened, or nothing is chosen")
		return
	}
	c.say(t, &o, o.User+"/"+cmp.Or(textOfJSON(action["action_ts"]), ts)+"/"+o.Action.Block+"/"+o.Action.ID, text)
}
