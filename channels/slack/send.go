package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Send says one part: by chat.postMessage, where a slash command is answered by its
// response_url, and a file by an upload.
func (c *Channel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	to := addressOf(p.Address, p.Sender)
	what, err := c.contentOf(&p)
	var file *channels.Upload
	switch {
	case err != nil:
		return channels.Receipt{}, err
	case what == nil:
		if file, err = uploadOf(&p.Reply); err != nil {
			return channels.Receipt{}, err
		}
		return c.upload(ctx, to, file)
	case to.hook != "":
		if err := c.respond(ctx, to.hook, what); err == nil || channels.AsSendError(err).Class != channels.SendGone {
			return channels.Receipt{Time: time.Now()}, err
		} // it was used up: 5 times in half an hour
	}
	return c.post(ctx, to, what)
}

// contentOf returns what a part is in Slack's terms; nil for a file that must be uploaded.
func (c *Channel) contentOf(p *channels.Part) (params, error) {
	r := &p.Reply
	switch p.Kind() { // text, buttons and quick replies are one kind here
	case channels.KindImage:
		if channels.IsDataURL(r.Image) {
			return nil, nil
		}
		return imageOf(r.Image), nil
	case channels.KindAttachment:
		return attachmentOf(r), nil
	case channels.KindCustom:
		return customOf(r.Custom)
	case channels.KindElements:
		return nil, rejected("elements: Fit makes texts of them")
	}
	return textOf(r), nil
}

// imageOf shows an image by its address, as Rasa does.
func imageOf(address string) params {
	alt := address[:min(len(address), maxAlt)]
	return params{"text": address, "blocks": []any{params{"type": "image", "image_url": address, "alt_text": strings.ToValidUTF8(alt, "")}}}
}

// attachmentOf shows what an attachment is: a file by its address, or else an attachment of
// Slack's own, as under Rasa.
func attachmentOf(r *channels.Reply) params {
	file, ok := r.AttachmentFile()
	switch {
	case !ok:
		return params{"attachments": []any{r.Attachment}, "text": nilIfEmpty(r.Text)}
	case channels.IsDataURL(file.URL):
		return nil
	case file.Type == "image":
		return imageOf(file.URL)
	case file.Name != "":
		return params{"text": "<" + escape(file.URL) + "|" + escape(file.Name) + ">"}
	}
	return params{"text": file.URL}
}

func nilIfEmpty(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// escape makes text of a text that is no mrkdwn.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "¦").Replace(text)
}

// customOf takes the parameters that a custom payload is, as Rasa does; a list is blocks.
func customOf(raw json.RawMessage) (params, error) {
	if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '[' {
		return params{"blocks": raw}, nil
	}
	var given map[string]json.RawMessage
	if json.Unmarshal(raw, &given) != nil || given == nil {
		return nil, rejected("custom: neither an object with parameters of chat.postMessage nor a list of blocks")
	}
	p := params{}
	for key, value := range given {
		if key != "token" {
			p[key] = value
		}
	}
	return p, nil
}

// posted is what Slack says of a message.
type posted struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

// post posts a message. What it says of its channel wins, as under Rasa.
// https://docs.slack.dev/reference/methods/chat.postMessage
func (c *Channel) post(ctx context.Context, to address, what params) (channels.Receipt, error) {
	if what["channel"] == nil {
		what["channel"] = to.channel
	}
	if to.thread != "" && what["thread_ts"] == nil {
		what["thread_ts"] = to.thread
	}
	if c.config.AsUser && what["as_user"] == nil {
		what["as_user"] = true
	}
	if c.config.AsUser && what["blocks"] == nil && what["attachments"] == nil && what["text"] != nil && what["type"] == nil {
		what["type"] = "mrkdwn"
	}
	var sent posted
	if err := c.api.call(ctx, "chat.postMessage", what, &sent); err != nil {
		return channels.Receipt{}, err
	}
	return receiptOf(sent.TS), nil
}

// receiptOf returns the receipt of a message, whose ts is its id and its time.
func receiptOf(ts string) channels.Receipt {
	r := channels.Receipt{ID: ts, Time: time.Now()}
	if seconds, _, _ := strings.Cut(ts, "."); seconds != "" {
		if n, err := strconv.ParseInt(seconds, 10, 64); err == nil && n > 0 {
			r.Time = time.Unix(n, 0)
		}
	}
	return r
}

// respond answers a slash command, which its writer alone sees, also where the app is no member.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
func (c *Channel) respond(ctx context.Context, hook string, what params) error {
	body, _, err := what.Encode()
	if err != nil {
		return rejected("a parameter is not JSON")
	}
	answer, err := c.postNamed(ctx, hook, "application/json", body)
	if err != nil {
		return err
	}
	return answer.Check()
}
