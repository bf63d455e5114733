package channels

import (
	"encoding/json"
	"strings"
)

// AttachmentFile is what an attachment of a reply names.
type AttachmentFile struct {
	// Type is what the assistant says it is, such as "image", "audio", "video" or "file"; "" when
	// it does not say.
	Type string
	// URL is where the bytes are: http, https or data.
	URL string
	// Name is the file's name, "" when it has none.
	Name string
}

// AttachmentFile reads the attachment of a reply: an address, or an object with type, name and
// url, whose address may also stand under payload, as src or url, as in Rasa's examples. It is
// not ok where there is no address.
func (r *Reply) AttachmentFile() (f AttachmentFile, ok bool) {
	var object struct {
		AttachmentFile
		Payload struct {
			Source string `json:"src"`
			URL    string
		}
	}
	if json.Unmarshal(r.Attachment, &object.URL) != nil && json.Unmarshal(r.Attachment, &object) != nil {
		return f, false
	}
	for _, address := range []string{object.URL, object.Payload.Source, object.Payload.URL} {
		if IsDataURL(address) || strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
			return AttachmentFile{Type: object.Type, URL: address, Name: object.Name}, true
		}
	}
	return f, false
}
