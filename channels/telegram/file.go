package telegram

import (
	"context"
	"errors"

	"github.com/manyvox/manyvox/channels"
)

// fileKind is how a file is sent: the method, and the parameter that holds it.
type fileKind struct{ method, field string }

// fileKinds are those of an attachment's type.
func fileKindOf(kind string) fileKind {
	switch kind {
	case "image":
		return fileKind{"sendPhoto", "photo"}
	case "audio":
		return fileKind{"sendAudio", "audio"}
	case "video":
		return fileKind{"sendVideo", "video"}
	}
	return fileKind{"sendDocument", "document"}
}

// sendFile sends a file by its address, which Telegram fetches, or by its bytes, when the
// address is a data: URL.
func (c *Channel) sendFile(ctx context.Context, sender string, kind fileKind, address, name string) (channels.Receipt, error) {
	p := params{kind.field: address}
	if channels.IsDataURL(address) {
		file, err := channels.ReadUpload(address, name)
		if err != nil {
			return channels.Receipt{}, err
		}
		if kind.field == "photo" && !isPhoto(file.MIME) {
			kind = fileKind{"sendDocument", "document"}
			if file.MIME == "image/gif" {
				kind = fileKind{"sendAnimation", "animation"}
			}
		}
		p = params{kind.field: file}
	}
	result, err := c.call(ctx, sender, kind.method, p)
	if err != nil {
		return channels.Receipt{}, err
	}
	return receiptOf(result), nil
}

// isPhoto reports whether Telegram takes a picture as a photo.
func isPhoto(mime string) bool {
	return mime == "image/jpeg" || mime == "image/png" || mime == "image/webp"
}

// sendAttachment sends what an attachment names: an address, or an object with type and
// address as Rasa's examples have it. What names nothing is shown as Rasa shows it.
func (c *Channel) sendAttachment(ctx context.Context, p *channels.Part) (channels.Receipt, error) {
	file, ok := p.Reply.AttachmentFile()
	if !ok {
		r := channels.Reply{Text: "Attachment: " + string(p.Reply.Attachment)}
		return c.sendText(ctx, p.Sender, "sendMessage", r, params{})
	}
	receipt, err := c.sendFile(ctx, p.Sender, fileKindOf(file.Type), file.URL, file.Name)
	var e *apiError
	if errors.As(err, &e) && e.isUnfetched() { // the address may be of use to the reader
		return c.sendText(ctx, p.Sender, "sendMessage", channels.Reply{Text: file.URL}, params{})
	}
	return receipt, err
}

// isUnfetched reports whether Telegram cannot fetch a file, or not one of this kind.
func (e *apiError) isUnfetched() bool {
	return e.is("failed to get HTTP URL content") || e.is("wrong type of the web page content") ||
		e.is("wrong file identifier/HTTP URL")
}
