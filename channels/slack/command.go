package slack

import (
	"context"
	"strings"

	"github.com/manyvox/manyvox/channels"
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

// takeCommand reads a slash command. Its text is the command with what stands behind it.
// Slack shows neither to the others of the channel, where the app need not be a member: it is
// answered by its response_url.
func (c *Channel) takeCommand(ctx context.Context, cmd *command) []channels.Message {
	switch {
	case cmd.User == "" || cmd.Command == "":
		c.ignored(ctx, "slash_commands", "it has no user or no command")
		return nil
	case c.isForeign(cmd.Team):
		c.ignored(ctx, "slash_commands", "it is of another workspace")
		return nil
	}
	o := origin{
		Kind: "slash_command", Channel: cmd.Channel, User: cmd.User, UserName: cmd.UserName, Users: []string{cmd.User},
		Team: cmd.Team, userTeam: cmd.Team, hook: cmd.ResponseURL,
	}
	text := strings.TrimSpace(cmd.Command + " " + entities.Replace(cmd.Text))
	return []channels.Message{c.message(&o, cmd.Team+"/"+cmd.User+"/"+cmd.Trigger, text)}
}
