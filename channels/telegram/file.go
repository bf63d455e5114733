package telegram

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"mime"
	"net/url"
	"strings"

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
	if strings.HasPrefix(address, "data:") {
		file, err := readDataURL(address, name)
		if err != nil {
			return channels.Receipt{}, err
		}
		if kind.field == "photo" && !isPhoto(file.mime) {
			kind = fileKind{"sendDocument", "document"}
			if file.mime == "image/gif" {
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

// readDataURL reads a data: URL. https://www.rfc-editor.org/rfc/rfc2397
func readDataURL(address, name string) (*upload, error) {
	head, data, found := strings.Cut(strings.TrimPrefix(address, "data:"), ",")
	head, is64 := strings.CutSuffix(head, ";base64")
	if !found {
		return nil, rejected("a data: URL without data")
	}
	kind, _, err := mime.ParseMediaType(head)
	if err != nil {
		kind = "text/plain"
	}
	text, err := url.PathUnescape(data)
	if err != nil {
		return nil, rejected("a data: URL that is not escaped as one")
	}
	file := &upload{name: name, mime: kind, data: []byte(text)}
	if is64 {
		digits := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "=")
		if file.data, err = base64.RawStdEncoding.DecodeString(digits); err != nil {
			return nil, rejected("a data: URL that is not base64")
		}
	}
	if file.name == "" {
		_, ending, _ := strings.Cut(kind, "/")
		ending, _, _ = strings.Cut(ending, "+")
		file.name = "file." + ending
	}
	return file, nil
}

// sendAttachment sends what an attachment names: an address, or an object with type and
// address as Rasa's examples have it. What names nothing is shown as Rasa shows it.
func (c *Channel) sendAttachment(ctx context.Context, p *channels.Part) (channels.Receipt, error) {
	kind, address, name := readAttachment(p.Reply.Attachment)
	if address == "" {
		r := channels.Reply{Text: "Attachment: " + string(p.Reply.Attachment)}
		return c.sendText(ctx, p.Sender, "sendMessage", r, params{})
	}
	receipt, err := c.sendFile(ctx, p.Sender, fileKindOf(kind), address, name)
	var e *apiError
	if errors.As(err, &e) && e.isUnfetched() { // the address may be of use to the reader
		return c.sendText(ctx, p.Sender, "sendMessage", channels.Reply{Text: address}, params{})
	}
	return receipt, err
}

// isUnfetched reports whether Telegram cannot fetch a file, or not one of this kind.
func (e *apiError) isUnfetched() bool {
	return e.is("failed to get HTTP URL content") || e.is("wrong type of the web page content") ||
		e.is("wrong file identifier/HTTP URL")
}

func readAttachment(value json.RawMessage) (kind, address, name string) {
	if json.Unmarshal(value, &address) == nil {
		if !isLink(address) {
			address = ""
		}
		return "", address, ""
	}
	var object struct {
		Type    string `json:"type"`
		URL     string `json:"url"`
		Name    string `json:"name"`
		Payload struct {
			Source string `json:"src"`
			URL    string `json:"url"`
		} `json:"payload"`
	}
	if json.Unmarshal(value, &object) != nil {
		return "", "", ""
	}
	for _, address := range []string{object.URL, object.Payload.Source, object.Payload.URL} {
		if isLink(address) {
			return object.Type, address, object.Name
		}
	}
	return "", "", ""
}

func isLink(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "data:")
}
