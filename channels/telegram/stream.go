package telegram

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
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

// draftReceipt is the id in the receipt of a draft, which is a preview and no message.
const draftReceipt = "draft"

// drafts reports whether texts grow in drafts: Telegram takes them in private chats alone.
// https://core.telegram.org/bots/api#sendmessagedraft
func (c streamer) drafts(sender string) bool {
	return c.config.Streaming == streamDraft && !isGroup(sender)
}

// draft shows the text so far as a preview, below which is a button that stops the answer.
func (c streamer) draft(ctx context.Context, p channels.Part) error {
	id := draftID(p.ID)
	c.drafted.Put(id, p.MessageID)
	shown := markup.Growing(p.Reply, markup.Telegram, textLimit())
	_, err := c.sendText(ctx, p.Sender, "sendMessageDraft", shown, params{"draft_id": id, "can_stop": true, "keep_on_stop": true})
	return err
}

// draftID returns the number of a part's draft: not zero, and the same after a restart.
func draftID(part string) int64 {
	sum := sha256.Sum256([]byte(part))
	return int64(binary.BigEndian.Uint32(sum[:])>>1 | 1)
}

// stoppedDraft tells that a user has stopped a draft.
// https://core.telegram.org/bots/api#stoppedmessagegeneration
type stoppedDraft struct {
	Chat     chat  `json:"chat"`
	ThreadID int64 `json:"message_thread_id"`
	DraftID  int64 `json:"draft_id"`
}

// takeStop reads which turn is meant: the one whose text grew in the draft, also when it goes on
// in another draft by now.
func (c *Channel) takeStop(s *stoppedDraft, t *taken) {
	if s.Chat.ID == 0 {
		return
	}
	messageID, _ := c.drafted.Get(s.DraftID)
	t.Stops = append(t.Stops, channels.Stop{Sender: senderOf(s.Chat.ID, s.ThreadID), MessageID: messageID})
}

var (
	_ channels.Streamer     = streamer{}
	_ channels.StreamCloser = streamer{}
)
