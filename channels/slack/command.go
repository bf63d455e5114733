package slack

import (
	"context"

	"github.com/manyvox/manyvox/channels/markup"
)

// command is a slash command. It comes as a form, or by Socket Mode as JSON.
// https://docs.slack.dev/interactivity/implementing-slash-commands
type command struct {
	Team        string `json:"team_id"`
	Channel     string `json:"channel_id"`
	User        string `json:"user_id"`
	UserName    string `json:"user_name"`
	Command     string `json:"command"`
	Text        string `json:"text"`
	ResponseURL string `json:"response_url"`
	Trigger     string `json:"trigger_id"`
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
