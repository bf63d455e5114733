package telegram

import (
	"cmp"
	"context"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// fieldOf returns the parameter in which a file is sent, by the type of an attachment. The method
// is called after it: sendPhoto.
func fieldOf(kind string) string {
	return cmp.Or(map[string]string{"image": "photo", "audio": "audio", "video": "video"}[kind], "document")
}

// sendFile sends a file by its address, which Telegram fetches, or by its bytes, when the
// address is a data: URL.
func (c *Channel) sendFile(ctx context.Context, sender, field, address, name string) (channels.Receipt, error) {
	var content any = address
	if channels.IsDataURL(address) {
		file, err := channels.ReadUpload(address, name)
		if err != nil {
			return channels.Receipt{}, err
		}
		switch content = file; {
		case field != "photo" || file.MIME == "image/jpeg" || file.MIME == "image/png" || file.MIME == "image/webp":
		case file.MIME == "image/gif":
			field = "animation"
		default:
			field = "document"
		}
	}
	return c.send(ctx, sender, "send"+strings.ToUpper(field[:1])+field[1:], params{field: content})
}

// sendAttachment sends what an attachment names: an address, or an object with type and
// address as Rasa's examples have it. What names nothing is shown as Rasa shows it.
func (c *Channel) sendAttachment(ctx context.Context, p *channels.Part) (channels.Receipt, error) {
	file, ok := p.Reply.AttachmentFile()
	if !ok {
		return c.send(ctx, p.Sender, "sendMessage", params{"text": "Attachment: " + string(p.Reply.Attachment)})
	}
	receipt, err := c.sendFile(ctx, p.Sender, fieldOf(file.Type), file.URL, file.Name)
	if channels.HasSendCode(err, "not_fetched") { // the address may be of use to the reader
		return c.send(ctx, p.Sender, "sendMessage", params{"text": file.URL})
	}
	return receipt, err
}
