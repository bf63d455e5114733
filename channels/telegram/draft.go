package telegram

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

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
