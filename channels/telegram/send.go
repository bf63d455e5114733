package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Send makes one call of the Bot API.
func (c *Channel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	switch p.Kind() { // text, buttons and quick replies are one kind here
	case channels.KindImage:
		return c.sendFile(ctx, p.Sender, fileKind{"sendPhoto", "photo"}, p.Reply.Image, "")
	case channels.KindAttachment:
		return c.sendAttachment(ctx, &p)
	case channels.KindCustom:
		return c.sendCustom(ctx, &p)
	case channels.KindElements:
		return channels.Receipt{}, rejected("elements: Fit makes texts of them")
	}
	return c.sendText(ctx, p.Sender, "sendMessage", p.Reply, params{"reply_markup": keyboard(&p.Reply)})
}

func rejected(why string) error {
	return &channels.SendError{Class: channels.SendRejected, Err: errors.New(why)}
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
	result, err := c.call(ctx, sender, method, p)
	if hasCode(err, "entities") && p["parse_mode"] != nil {
		c.log.Warn("markup refused, sent as plain text", "method", method, "error", err)
		delete(p, "parse_mode")
		p["text"] = plainText(r.Text)
		result, err = c.call(ctx, sender, method, p)
	}
	if err != nil {
		return channels.Receipt{}, err
	}
	return receiptOf(result), nil
}

var (
	anchor = regexp.MustCompile(`(?s)<a href="([^"]*)">(.*?)</a>`)
	tag    = regexp.MustCompile(`<[^>]*>`)
)

// plainText returns the text of our HTML, with the addresses of its links.
func plainText(markup string) string {
	return html.UnescapeString(tag.ReplaceAllString(anchor.ReplaceAllString(markup, "$2 ($1)"), ""))
}

// receiptOf reads the message that a call has sent. Calls that send several are known by the
// first, and those that send none have no id.
func receiptOf(result json.RawMessage) channels.Receipt {
	type sent struct {
		ID   int64 `json:"message_id"`
		Date int64 `json:"date"`
	}
	var one sent
	if json.Unmarshal(result, &one) != nil {
		var several []sent
		if json.Unmarshal(result, &several) == nil && len(several) > 0 {
			one = several[0]
		}
	}
	r := channels.Receipt{Time: time.Now()}
	if one.ID != 0 {
		r.ID = strconv.FormatInt(one.ID, 10)
	}
	if one.Date > 0 {
		r.Time = time.Unix(one.Date, 0)
	}
	return r
}
