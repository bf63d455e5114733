package telegram

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// streamer is a Channel whose replies grow, as they do unless the key streaming says "off".
type streamer struct{ *Channel }

// Open shows the beginning of a text: in a private chat as a draft, which is a preview that
// only the end makes a message, elsewhere as a message. What Telegram refuses for good is sent
// once it is complete.
func (c streamer) Open(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	if c.drafts(p.Sender) {
		return channels.Receipt{ID: draftReceipt, Time: time.Now()}, c.draft(ctx, p)
	}
	return c.sendText(ctx, p.Sender, "sendMessage", markup.Growing(p.Reply, markup.Telegram, textLimit()), params{})
}

// Append shows the text so far. A draft that fails is not tried again, nor is it replaced by
// edits: those count against the same limits, and the waits grow to minutes.
func (c streamer) Append(ctx context.Context, p channels.Part, r channels.Receipt, piece string) error {
	if r.ID == draftReceipt {
		if err := c.draft(ctx, p); err != nil {
			return &channels.SendError{Class: channels.SendRejected, Code: channels.AsSendError(err).Code, Err: err}
		}
		return nil
	}
	if piece == "" || isGroup(p.Sender) && !c.edits.Take(p.Sender) {
		return nil // it shows that already, or the next one shows it too
	}
	return c.edit(ctx, p, r, markup.Growing(p.Reply, markup.Telegram, textLimit()), params{})
}

// Close shows the complete text: as a message, where there was a draft, else as the last edit.
func (c streamer) Close(ctx context.Context, p channels.Part, r channels.Receipt, _ string) (channels.Receipt, error) {
	if r.ID == draftReceipt {
		return c.Send(ctx, p)
	}
	return r, c.edit(ctx, p, r, p.Reply, params{"reply_markup": keyboard(&p.Reply)})
}

// Closes reports whether Close can add the buttons of p. An edit takes no reply keyboard.
func (c streamer) Closes(p channels.Part) bool {
	kind := p.Kind()
	return (kind == channels.KindButtons || kind == channels.KindQuickReplies) && (p.Reply.ExtraText(buttonType) != typeReply || c.drafts(p.Sender))
}

// isGroup reports whether a sender is no private chat: the ids of those are positive.
func isGroup(sender string) bool {
	chat, _ := splitSender(sender)
	return parseID(chat) <= 0
}

func (c streamer) edit(ctx context.Context, p channels.Part, r channels.Receipt, shown channels.Reply, with params) error {
	with["message_id"] = parseID(r.ID)
	if _, err := c.sendText(ctx, p.Sender, "editMessageText", shown, with); !channels.HasSendCode(err, "not_modified") { // it shows that already
		return err
	}
	return nil
}

var (
	_ channels.Streamer     = streamer{}
	_ channels.StreamCloser = streamer{}
)
