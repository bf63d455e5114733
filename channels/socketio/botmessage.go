package socketio

import (
	"encoding/json"
	"errors"

	"github.com/manyvox/manyvox/channels"
)

// The shapes of bot_uttered are those of Rasa's SocketIOOutput:
// https://github.com/RasaHQ/rasa/blob/main/rasa/core/channels/socketio.py

// botMessage is the payload of bot_uttered.
type botMessage struct {
	Text         *string      `json:"text,omitempty"`
	QuickReplies []quickReply `json:"quick_replies,omitzero"`
	Attachment   any          `json:"attachment,omitempty"`
}

type quickReply struct {
	ContentType string `json:"content_type"`
	Title       string `json:"title"`
	Payload     string `json:"payload"`
}

// attachment is an image or a card.
type attachment struct {
	Type    string `json:"type"`
	Payload any    `json:"payload"`
}

type imagePayload struct {
	Src string `json:"src"`
}

type templatePayload struct {
	TemplateType string           `json:"template_type"`
	Elements     channels.Element `json:"elements"`
}

// fit cuts a part into parts of one bot_uttered each. A text with buttons is cut at blank
// lines unless it is Markdown, and the buttons stay under the last paragraph. Each card becomes a part.
func fit(p channels.Part) []channels.Part {
	var replies []channels.Reply
	switch kind := p.Kind(); {
	case kind == channels.KindElements:
		for _, e := range p.Reply.Elements {
			r := p.Reply
			r.Elements = []channels.Element{e}
			replies = append(replies, r)
		}
	case (kind == channels.KindButtons || kind == channels.KindQuickReplies) && !p.Reply.Rendered:
		paragraphs := []string{p.Reply.Text}
		if p.Reply.Format == channels.FormatPlain {
			paragraphs = channels.Paragraphs(p.Reply.Text)
		}
		for i, text := range paragraphs {
			r := p.Reply
			r.Text = text
			if i < len(paragraphs)-1 {
				r.Buttons, r.QuickReplies = nil, []channels.Button{}
			}
			replies = append(replies, r)
		}
	default:
		return []channels.Part{p}
	}
	parts := make([]channels.Part, len(replies))
	for i, r := range replies {
		parts[i] = p
		parts[i].Reply = r
	}
	return parts
}

// payloadOf returns the payload of bot_uttered for the reply of a part that fit returned.
func payloadOf(r channels.Reply) (json.RawMessage, error) {
	var u botMessage
	switch r.Kind() {
	case channels.KindCustom:
		return customPayload(r.Custom)
	case channels.KindButtons:
		u = botMessage{Text: &r.Text, QuickReplies: quickReplies(r.Buttons)}
	case channels.KindQuickReplies:
		u = botMessage{Text: &r.Text, QuickReplies: quickReplies(r.QuickReplies)}
	case channels.KindImage:
		u.Attachment = attachment{"image", imagePayload{r.Image}}
	case channels.KindAttachment:
		u.Attachment = r.Attachment
	case channels.KindElements:
		if len(r.Elements) != 1 {
			return nil, errors.New("a part with several cards: Fit makes a part of each")
		}
		u.Attachment = attachment{"template", templatePayload{"generic", r.Elements[0]}}
	default:
		u.Text = &r.Text
	}
	payload, err := channels.Marshal(u)
	if err != nil {
		return nil, errors.New("the reply is not JSON") // the cause quotes it
	}
	return payload, nil
}

// quickReplies shows a button without a payload as one whose title is sent.
func quickReplies(buttons []channels.Button) []quickReply {
	list := make([]quickReply, len(buttons))
	for i, b := range buttons {
		list[i] = quickReply{"text", b.Title, b.Payload}
		if b.Payload == "" {
			list[i].Payload = b.Title
		}
	}
	return list
}

// customPayload returns the value of "data" if there is one, as in Rasa up to 3.6, and
// else the whole object, as in newer releases.
func customPayload(custom json.RawMessage) (json.RawMessage, error) {
	var spread map[string]json.RawMessage
	if json.Unmarshal(custom, &spread) == nil && spread["data"] != nil {
		custom = spread["data"]
	}
	payload, err := channels.Marshal(custom)
	if err != nil {
		return nil, errors.New("the reply is not JSON") // the cause quotes it
	}
	return payload, nil
}
