package telegram

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// draftReceipt is the id in the receipt of a draft, which is a preview and no message.
const draftReceipt = "draft"

// streamer is a Channel whose replies grow, as they do unless the key streaming says "off".
type streamer struct{ *Channel }

// Open shows the beginning of a text: in a private chat as a draft, which is a preview that
// only the end makes a message, elsewhere as a message. What Telegram refuses for good is sent
// once it is complete.
func (c streamer) Open(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	if c.drafts(p.Sender) {
		return channels.Receipt{ID: draftReceipt, Time: time.Now()}, c.draft(ctx, p)
	}
	return c.sendText(ctx, p.Sender, "sendMessage", growing(p.Reply), params{})
}

// Append shows the text so far. A draft that fails is not tried again, nor is it replaced by
// edits: those count against the same limits, and the waits grow to minutes.
func (c streamer) Append(ctx context.Context, p channels.Part, r channels.Receipt, _ string) error {
	if r.ID == draftReceipt {
		if err := c.draft(ctx, p); err != nil {
			return &channels.SendError{Class: channels.SendRejected, Code: channels.AsSendError(err).Code, Err: err}
		}
		return nil
	}
	if isGroup(p.Sender) && !c.edits.take(p.Sender, time.Now()) {
		return nil // the next one shows it too
	}
	return c.edit(ctx, p, r, growing(p.Reply), params{})
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
	return (kind == channels.KindButtons || kind == channels.KindQuickReplies) && (typeOf(&p.Reply) != typeReply || c.drafts(p.Sender))
}

// drafts reports whether texts grow in drafts: Telegram takes them in private chats alone.
// https://core.telegram.org/bots/api#sendmessagedraft
func (c streamer) drafts(sender string) bool {
	return c.config.Streaming == streamDraft && !isGroup(sender)
}

// isGroup reports whether a sender is no private chat: the ids of those are positive.
func isGroup(sender string) bool {
	chat, _ := splitSender(sender)
	return parseID(chat) <= 0
}

func (c streamer) draft(ctx context.Context, p channels.Part) error {
	_, err := c.sendText(ctx, p.Sender, "sendMessageDraft", growing(p.Reply), params{"draft_id": draftID(p.ID)})
	return err
}

// draftID returns the number of a part's draft: not zero, and the same after a restart.
func draftID(part string) int64 {
	const most = 1 << 31
	sum := sha256.Sum256([]byte(part))
	return int64(binary.BigEndian.Uint64(sum[:])%(most-1)) + 1
}

func (c streamer) edit(ctx context.Context, p channels.Part, r channels.Receipt, shown channels.Reply, with params) error {
	with["message_id"] = parseID(r.ID)
	_, err := c.sendText(ctx, p.Sender, "editMessageText", shown, with)
	if isUnmodified(err) {
		return nil
	}
	return err
}

// isUnmodified reports whether an edit failed because the message shows that text already.
func isUnmodified(err error) bool { return hasCode(err, "not_modified") }

// growing returns a text that still grows as it is shown: Markdown becomes HTML in which
// nothing is left open. Of a text that shows nothing yet the source is shown.
func growing(r channels.Reply) channels.Reply {
	if r.Format != channels.FormatMarkdown {
		return r
	}
	rendered := markup.Partial(markup.Telegram, r.Text)
	if strings.TrimSpace(rendered) == "" || channels.UnitUTF16.Len(rendered) > maxText {
		r.Format = channels.FormatPlain
		return r
	}
	r.Text = rendered
	return r
}

// pace spreads the edits in groups, which take 20 messages a minute each, edits
// among them. Some are left for what else is said.
type pace struct {
	mu   sync.Mutex
	last map[string]time.Time
}

const (
	groupEdits = 4 * time.Second
	maxPaced   = 10_000
)

// take reports whether it is time for an edit.
func (e *pace) take(sender string, now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now.Sub(e.last[sender]) < groupEdits {
		return false
	}
	if e.last == nil || len(e.last) >= maxPaced {
		e.last = map[string]time.Time{}
	}
	e.last[sender] = now
	return true
}

var (
	_ channels.Streamer     = streamer{}
	_ channels.StreamCloser = streamer{}
)
