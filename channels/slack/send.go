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
	to, r, what := addressOf(&p), &p.Reply, params{}
	file, isFile := r.AttachmentFile()
	switch kind := p.Kind(); { // text, buttons and quick replies are one kind here
	case kind == channels.KindElements:
		return channels.Receipt{}, channels.Rejected("elements: Fit makes texts of them")
	case kind == channels.KindCustom:
		if err := readCustom(r.Custom, what); err != nil {
			return channels.Receipt{}, err
		}
	case kind == channels.KindImage:
		return c.sendFile(ctx, to, channels.AttachmentFile{Type: "image", URL: r.Image})
	case kind == channels.KindAttachment && isFile:
		return c.sendFile(ctx, to, file)
	case kind == channels.KindAttachment: // one of Slack's own, as under Rasa
		what["attachments"] = []any{r.Attachment}
		if r.Text != "" {
			what["text"] = r.Text
		}
	default:
		what = textOf(r, maxPosted)
	}
	return c.post(ctx, to, what)
}

// sendFile shows an image by its address, as Rasa does, another file by a link, and uploads one
// whose address holds its bytes.
func (c *Channel) sendFile(ctx context.Context, to address, f channels.AttachmentFile) (channels.Receipt, error) {
	what, escape := params{"text": f.URL}, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "¦")
	switch {
	case channels.IsDataURL(f.URL):
		return c.upload(ctx, to, f)
	case f.Type == "image":
		what["blocks"] = []any{params{"type": "image", "image_url": f.URL, "alt_text": channels.UnitRunes.Prefix(f.URL, maxAlt)}}
	case f.Name != "":
		what["text"] = "<" + escape.Replace(f.URL) + "|" + escape.Replace(f.Name) + ">"
	}
	return c.post(ctx, to, what)
}

// readCustom takes the parameters that a custom payload is, as Rasa does; a list is blocks.
func readCustom(raw json.RawMessage, into params) error {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		into["blocks"] = raw
		return nil
	}
	given, err := channels.ParseBody(raw)
	if err != nil {
		return channels.Rejected("custom: neither an object with parameters of chat.postMessage nor a list of blocks")
	}
	for key, value := range given {
		into[key] = value
	}
	delete(into, "token")
	return nil
}

// post posts a message. What it says of its channel and thread wins, as under Rasa.
// https://docs.slack.dev/reference/methods/chat.postMessage
func (c *Channel) post(ctx context.Context, to address, what params) (channels.Receipt, error) {
	if to.hook != "" { // its writer alone sees the answer, also where the app is no member
		body, contentType, err := what.Encode()
		if err == nil {
			err = c.postNamed(ctx, to.hook, contentType, body)
		}
		if err == nil || channels.AsSendError(err).Class != channels.SendGone {
			return channels.Receipt{Time: time.Now()}, err
		} // it was used up: 5 times in half an hour
	}
	set := func(ok bool, key string, value any) {
		if ok && what[key] == nil {
			what[key] = value
		}
	}
	set(true, "channel", to.channel)
	set(to.thread != "", "thread_ts", to.thread)
	set(c.config.AsUser, "as_user", true)
	set(c.config.AsUser && what["blocks"] == nil && what["attachments"] == nil && what["text"] != nil, "type", "mrkdwn")
	var sent struct{ TS string }
	if err := c.api.call(ctx, "chat.postMessage", what, &sent); err != nil {
		return channels.Receipt{}, err
	}
	return receiptOf(sent.TS), nil
}

// receiptOf returns the receipt of a message, whose ts is its id and its time.
func receiptOf(ts string) channels.Receipt {
	r := channels.Receipt{ID: ts, Time: time.Now()}
	seconds, _, _ := strings.Cut(ts, ".")
	if n, err := strconv.ParseInt(seconds, 10, 64); err == nil && n > 0 {
		r.Time = time.Unix(n, 0)
	}
	return r
}
