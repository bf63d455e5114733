package slack

import (
	"cmp"
	"context"

	"github.com/manyvox/manyvox/channels"
)

// origin is where a message comes from, and its metadata: the first three are Rasa's. It
// depends on what was posted alone, so that a redelivery is the same message.
type origin struct {
	Channel  string            `json:"out_channel"`
	Thread   string            `json:"thread_id"`
	Users    []string          `json:"users"`
	Kind     string            `json:"kind"`
	Team     string            `json:"team,omitempty"`
	User     string            `json:"user"`
	UserName string            `json:"user_name,omitempty"` // with buttons and slash commands
	TS       string            `json:"ts,omitempty"`
	Callback string            `json:"callback_id,omitempty"`
	View     *view             `json:"view,omitempty"`
	Action   map[string]string `json:"action,omitempty"` // the element that was used

	// userTeam is the person's workspace, inThread says that replies go to the thread, and
	// hook is where a slash command is answered.
	userTeam, hook string
	inThread       bool
}

// say adds the message of an origin. The id names it in its workspace.
func (c *Channel) say(t *taken, o *origin, id, text string, attachments ...channels.Attachment) {
	to := address{channel: cmp.Or(o.Channel, o.User), user: o.User, team: o.userTeam, hook: o.hook}
	if c.config.UseThreads || o.inThread {
		to.thread = o.Thread
	}
	metadata, _ := channels.Marshal(o) // of texts, and of values that came as JSON
	t.Messages = append(t.Messages, channels.Message{
		ID: o.Team + "/" + id, Sender: c.senderOf(o.User, o.Channel, o.Thread), Text: text, Metadata: metadata,
		Attachments: attachments, Address: to.String(),
	})
}

// ignored records what is no turn in the channel's log.
func (c *Channel) ignored(ctx context.Context, kind, why string) {
	c.record(ctx, channels.Ignored(kind, why))
}
