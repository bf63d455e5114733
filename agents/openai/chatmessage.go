package openai

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
)

// The roles of the API.
const (
	roleSystem    = "system"
	roleUser      = "user"
	roleAssistant = "assistant"
)

// paragraph stands between two texts that became one message.
const paragraph = "\n\n"

// maxCustom is how much of custom JSON the model is reminded of, in bytes.
const maxCustom = 500

// chatMessage is a message of the request: https://platform.openai.com/docs/api-reference/chat/create
type chatMessage struct {
	Role string
	// Parts are its content. One text alone is sent as a text, which every server reads.
	Parts []contentPart
}

// contentPart is a text, an image or a sound.
type contentPart struct {
	Type  string      `json:"type"`
	Text  string      `json:"text,omitempty"`
	Image *imagePart  `json:"image_url,omitempty"`
	Audio *inputAudio `json:"input_audio,omitempty"`
}

// imagePart is an image, in a data: URL.
type imagePart struct {
	URL string `json:"url"`
}

// inputAudio is a sound, in base64.
type inputAudio struct {
	Data   string `json:"data"`
	Format string `json:"format"`
}

// textPart returns a text as a part.
func textPart(text string) contentPart { return contentPart{Type: "text", Text: text} }

// newMessage returns a message of one text.
func newMessage(role, text string) chatMessage {
	return chatMessage{Role: role, Parts: []contentPart{textPart(text)}}
}

// text returns the texts of a message.
func (m chatMessage) text() string {
	var texts []string
	for _, p := range m.Parts {
		if p.Text != "" {
			texts = append(texts, p.Text)
		}
	}
	return strings.Join(texts, paragraph)
}

// isText reports whether a message is one text.
func (m chatMessage) isText() bool { return len(m.Parts) == 1 && m.Parts[0].Type == "text" }

// MarshalJSON writes role and content.
func (m chatMessage) MarshalJSON() ([]byte, error) {
	if m.isText() {
		return channels.Marshal(struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		}{m.Role, m.Parts[0].Text})
	}
	return channels.Marshal(struct {
		Role    string        `json:"role"`
		Content []contentPart `json:"content"`
	}{m.Role, m.Parts})
}

// appendMessage adds a message, to the last one where that has the same role.
func appendMessage(list []chatMessage, m chatMessage) []chatMessage {
	if len(list) == 0 || list[len(list)-1].Role != m.Role {
		return append(list, m)
	}
	last := &list[len(list)-1]
	if last.isText() && m.isText() {
		*last = newMessage(m.Role, last.Parts[0].Text+paragraph+m.Parts[0].Text)
		return list
	}
	last.Parts = append(last.Parts[:len(last.Parts):len(last.Parts)], m.Parts...)
	return list
}

// messageOf returns what an event says, and false when that is nothing.
func messageOf(e *channels.Event) (chatMessage, bool) {
	role, text := roleAssistant, ""
	switch e.Kind { // History has no others
	case channels.EventMessage:
		role, text = roleUser, said(e.Message)
	case channels.EventReply:
		for i := range e.Replies {
			text = joined(text, shown(&e.Replies[i]))
		}
	}
	return newMessage(role, text), text != ""
}

// said returns what a user said before. Of attachments it has their names alone: the bytes
// may be gone.
func said(m *channels.Message) string {
	if m == nil {
		return ""
	}
	text := m.Text
	for _, a := range m.Attachments {
		text = joined(text, inWords(a, "sent earlier"))
	}
	return text
}

// shown returns what a reply showed, in words.
func shown(r *channels.Reply) string {
	text := r.Text
	if titles := titlesOf(append(r.Buttons[:len(r.Buttons):len(r.Buttons)], r.QuickReplies...)); titles != "" {
		text = joined(text, "[buttons: "+titles+"]")
	}
	switch {
	case r.Image != "" && channels.IsDataURL(r.Image):
		text = joined(text, "[an image]")
	case r.Image != "":
		text = joined(text, "[image: "+r.Image+"]")
	}
	if r.Custom != nil {
		text = joined(text, "[custom: "+cut(string(r.Custom), maxCustom)+"]")
	}
	if r.Attachment != nil {
		text = joined(text, "[an attachment]")
	}
	for _, e := range r.Elements {
		text = joined(text, "[card: "+e.Title+"]")
	}
	return text
}

func titlesOf(buttons []channels.Button) string {
	titles := make([]string, len(buttons))
	for i, b := range buttons {
		titles[i] = b.Title
	}
	return strings.Join(titles, " | ")
}

// inWords names an attachment that is not sent, and says why.
func inWords(a channels.Attachment, why string) string {
	what := a.Type
	if what == "" {
		what = "file"
	}
	if a.Name != "" {
		name, _ := json.Marshal(cut(a.Name, maxName)) //nolint:errchkjson // a text has a JSON form
		what += " " + string(name)
	}
	return fmt.Sprintf("[%s: %s]", what, why)
}

// maxName is how much of a file's name the model is told, in bytes.
const maxName = 200

// joined puts two texts in paragraphs of their own.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + paragraph + b
}

// cut returns the beginning of a text, of whole characters.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}
