package channels

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// Attachment is a file or medium that came with a message.
type Attachment struct {
	// Type is "image", "audio", "video" or "file".
	Type string `json:"type"`
	// URL is where the bytes are. It never holds a credential. Where the attachment has a
	// Ref, the service gives the agent a URL of its own, which expires.
	URL string `json:"url,omitempty"`
	// Ref names the bytes: it is the platform's id, which the channel's Media fetches, or
	// the id of an upload. An agent reads them by Turn.Open.
	Ref string `json:"ref,omitempty"`
	// MIME is the media type, for example "image/png".
	MIME string `json:"mime,omitempty"`
	// Name is the file's name.
	Name string `json:"name,omitempty"`
	// Size is the length in bytes, 0 when unknown.
	Size int64 `json:"size,omitempty"`
	// Content is the bytes themselves. Only a message on its way in has them: the door
	// stores them and puts a Ref in their place. They are read from the JSON key "content",
	// in base64, and never written to JSON.
	Content []byte `json:"-"`
}

// UnmarshalJSON reads an attachment, with its content.
func (a *Attachment) UnmarshalJSON(data []byte) error {
	type plain Attachment // without this method
	*a = Attachment{}
	if err := json.Unmarshal(data, (*plain)(a)); err != nil {
		return err
	}
	var bytes struct {
		Content string `json:"content"`
	}
	if err := json.Unmarshal(data, &bytes); err != nil {
		return err
	}
	content, err := decodeBase64(bytes.Content)
	if err != nil {
		return &json.UnmarshalTypeError{Value: "string", Field: "content", Type: bytesType}
	}
	a.Content = content
	return nil
}

// base64Alphabet turns the alphabet for URLs into the standard one.
var base64Alphabet = strings.NewReplacer("-", "+", "_", "/")

// decodeBase64 reads base64 of either alphabet, padded or not, as protobuf's JSON does.
func decodeBase64(text string) ([]byte, error) {
	const maxPadding = 2
	if text == "" {
		return nil, nil
	}
	digits := strings.TrimRight(text, "=")
	if len(text)-len(digits) > maxPadding {
		return nil, errors.New("more padding than base64 has")
	}
	return base64.RawStdEncoding.DecodeString(base64Alphabet.Replace(digits))
}

var _ json.Unmarshaler = (*Attachment)(nil)
