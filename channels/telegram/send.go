package telegram

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// Send makes one call of the Bot API.
func (c *Channel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	switch p.Kind() { // text, buttons and quick replies are one kind here
	case channels.KindImage:
		return c.sendFile(ctx, p.Sender, "photo", p.Reply.Image, "")
	case channels.KindAttachment:
		return c.sendAttachment(ctx, &p)
	case channels.KindCustom:
		return c.sendCustom(ctx, &p)
	case channels.KindElements:
		return channels.Receipt{}, channels.Rejected("elements: Fit makes texts of them")
	}
	return c.sendText(ctx, p.Sender, "sendMessage", p.Reply, params{"reply_markup": keyboard(&p.Reply)})
}

// sendText calls a method that takes a text. When Telegram refuses the markup that was made of
// Markdown, the text is sent once more without.
func (c *Channel) sendText(ctx context.Context, sender, method string, r channels.Reply, p params) (channels.Receipt, error) {
	p["text"] = r.Text
	if strings.TrimSpace(r.Text) == "" {
		p["text"] = noText
	} else if r.Format == channels.FormatMarkdown {
		p["parse_mode"] = "HTML"
	}
	sent, err := c.send(ctx, sender, method, p)
	if channels.HasSendCode(err, "entities") && p["parse_mode"] != nil {
		c.log.Warn("markup refused, sent as plain text", "method", method, "error", err)
		delete(p, "parse_mode")
		p["text"] = markup.PlainText(r.Text)
		return c.send(ctx, sender, method, p)
	}
	return sent, err
}

// send calls a method that sends something.
func (c *Channel) send(ctx context.Context, sender, method string, p params) (channels.Receipt, error) {
	sent := receipt{Time: time.Now()}
	err := c.call(ctx, sender, method, p, &sent)
	return channels.Receipt(sent), err
}

// receipt is that of the message that a call has sent. Calls that send several are known by the
// first, and those that send none have no id.
type receipt channels.Receipt

// UnmarshalJSON reads a message, a list of them, or true.
func (r *receipt) UnmarshalJSON(data []byte) error {
	type message struct {
		ID   json.Number `json:"message_id"`
		Date int64       `json:"date"`
	}
	var one message
	if several := []message(nil); json.Unmarshal(data, &several) == nil && len(several) > 0 {
		one = several[0]
	} else if json.Unmarshal(data, &one) != nil {
		return nil // it is true
	}
	if r.ID = one.ID.String(); one.Date > 0 {
		r.Time = time.Unix(one.Date, 0)
	}
	return nil
}
