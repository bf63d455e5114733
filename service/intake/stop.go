package intake

import (
	"cmp"
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// Stop ends the turn of a message to which its caller gave an id, whoever of those who may
// write to the channel asks for it, and reports whether the message had a turn in this
// program. Replies that were shown stay. A program that shuts down stops turns too.
func (d *Door) Stop(ctx context.Context, in *instance.Instance, sender, messageID string) (stopped bool, err error) {
	if err := d.Guard.Channel(ctx, in); err != nil {
		return false, err
	}
	if messageID == "" {
		return false, channels.InvalidField("message_id", "required: it says which turn to stop")
	}
	c := channels.Conversation{Channel: in.Name, Sender: cmp.Or(sender, instance.DefaultSender)}
	return d.Turns.Stop(c, messageID), nil
}

// Stop ends the turn of a posted message that is under way.
func (i inbox) Stop(_ context.Context, sender, messageID string) error {
	if !i.in.EnterLate() {
		return errReplaced
	}
	defer i.in.Leave()
	i.door.Turns.StopPosted(i.conversation(sender), messageID)
	return nil
}
