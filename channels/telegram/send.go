package telegram

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
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
	receipt, err := c.send(ctx, sender, method, p)
	if channels.HasSendCode(err, "entities") && p["parse_mode"] != nil {
		c.log.Warn("markup refused, sent as plain text", "method", method, "error", err)
		delete(p, "parse_mode")
		p["text"] = markup.PlainText(r.Text)
		return c.send(ctx, sender, method, p)
	}
	return receipt, err
}

// send calls a method that sends something.
func (c *Channel) send(ctx context.Context, sender, method string, p params) (channels.Receipt, error) {
	result, err := c.call(ctx, sender, method, p)
	if err != nil {
		return channels.Receipt{}, err
	}
	return receiptOf(result), nil
}

// receiptOf reads the message that a call has sent. Calls that send several are known by the
// first, and those that send none have no id.
func receiptOf(result json.RawMessage) channels.Receipt {
	var sent []struct {
		ID   int64 `json:"message_id"`
		Date int64 `json:"date"`
	}
	if json.Unmarshal(result, &sent) != nil {
		_ = json.Unmarshal(slices.Concat([]byte("["), result, []byte("]")), &sent) // true has neither
	}
	r := channels.Receipt{Time: time.Now()}
	if len(sent) > 0 && sent[0].ID != 0 {
		r.ID, r.Time = strconv.FormatInt(sent[0].ID, 10), time.Unix(sent[0].Date, 0)
	}
	return r
}
