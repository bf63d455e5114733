package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"github.com/manyvox/manyvox/channels"
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
	Team      named     `json:"team"` // null where an organisation has installed the app
	Channel   named     `json:"channel"`
	Message   event     `json:"message"`
	Actions   []action  `json:"actions"`
	View      *view     `json:"view"`
	Container container `json:"container"`
	Callback  string    `json:"callback_id"`
	ActionTS  string    `json:"action_ts"`
}

type named struct {
	ID string `json:"id"`
}

// container is where an element stands.
type container struct {
	Channel  string `json:"channel_id"`
	TS       string `json:"message_ts"`
	ThreadTS string `json:"thread_ts"`
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

// action is an element that was used, and what was chosen by it.
type action struct {
	Type  string `json:"type"`
	ID    string `json:"action_id"`
	Block string `json:"block_id"`
	TS    string `json:"action_ts"`

	Value         string          `json:"value"`
	RichText      json.RawMessage `json:"rich_text_value"`
	Option        *option         `json:"selected_option"`
	Options       []option        `json:"selected_options"`
	User          string          `json:"selected_user"`
	Users         []string        `json:"selected_users"`
	Conversation  string          `json:"selected_conversation"`
	Conversations []string        `json:"selected_conversations"`
	Channel       string          `json:"selected_channel"`
	Channels      []string        `json:"selected_channels"`
	Date          string          `json:"selected_date"`
	Time          string          `json:"selected_time"`
	DateTime      json.Number     `json:"selected_date_time"`
}

type option struct {
	Value string `json:"value"`
}

// text returns what was chosen: Rasa's text, for every type of element. Several things are
// divided by ", ". It is "" for a link, and for what was cleared.
func (a *action) text() string {
	chosen := a.Options
	if a.Option != nil {
		chosen = append(chosen, *a.Option)
	}
	var all []string
	for _, o := range chosen {
		all = append(all, o.Value)
	}
	for _, list := range [][]string{a.Users, a.Conversations, a.Channels} {
		all = append(all, list...)
	}
	for _, one := range []string{a.Value, a.User, a.Conversation, a.Channel, a.Date, a.Time, a.DateTime.String(), string(a.RichText)} {
		if one != "" && one != "null" {
			all = append(all, one)
		}
	}
	return strings.Join(all, ", ")
}

// team returns the workspace whose app was used.
func (i *interaction) team() string {
	if i.View != nil && i.View.InstalledTeam != "" {
		return i.View.InstalledTeam
	}
	return cmp.Or(i.Team.ID, i.User.Team)
}

// takeInteraction reads an interaction. Each action is a message.
func (c *Channel) takeInteraction(ctx context.Context, i *interaction) (list []channels.Message) {
	channel := cmp.Or(i.Channel.ID, i.Container.Channel)
	ts := cmp.Or(i.Message.TS, i.Container.TS)
	o := origin{
		Kind: i.Type, Channel: channel, User: i.User.ID, UserName: i.User.Name, Users: []string{i.User.ID}, TS: ts,
		Thread: cmp.Or(i.Message.ThreadTS, i.Container.ThreadTS, ts), Team: i.team(), userTeam: cmp.Or(i.User.Team, i.team()),
		inThread: cmp.Or(i.Message.ThreadTS, i.Container.ThreadTS) != "" && isPrivate(channel), Callback: i.Callback,
	}
	id := o.Team + "/" + i.User.ID + "/"
	switch {
	case i.User.ID == "":
		c.ignored(ctx, i.kind(), "it has no user")
	case c.isForeign(o.Team):
		c.ignored(ctx, i.kind(), "it is of another workspace")
	case i.Type == "message_action" || i.Type == "shortcut":
		list = append(list, c.message(&o, id+i.ActionTS+"/"+i.Callback, i.Callback))
	case i.Type == "view_submission" && i.View != nil:
		o.View, o.Callback = i.View, i.View.Callback
		list = append(list, c.message(&o, id+i.View.ID+"/"+i.View.Hash, i.View.Callback))
	case i.Type == "block_actions" || i.Type == "interactive_message":
		for _, a := range i.Actions {
			pressed := o
			pressed.Action = &actionOrigin{a.Type, a.ID, a.Block}
			if text := a.text(); text != "" {
				list = append(list, c.message(&pressed, id+cmp.Or(a.TS, i.ActionTS)+"/"+a.Block+"/"+a.ID, text))
			} else {
				c.ignored(ctx, i.kind()+"."+a.Type, "a link was opened, or nothing is chosen")
			}
		}
	default:
		c.ignored(ctx, i.kind(), "its kind is not answered")
	}
	return withText(list)
}

func (i *interaction) kind() string { return i.Type[:min(len(i.Type), maxKind)] }

// isPrivate reports whether a channel is a private conversation with one person.
func isPrivate(channel string) bool { return channel != "" && channel[0] == 'D' }

// withText leaves out messages without a text, such as a form without a callback_id.
func withText(list []channels.Message) (kept []channels.Message) {
	for _, m := range list {
		if m.Text != "" {
			kept = append(kept, m)
		}
	}
	return kept
}
