package channels

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Kind is what a part shows.
type Kind string

// The kinds, named after the keys of a reply.
const (
	KindText         Kind = "text"
	KindButtons      Kind = "buttons"
	KindQuickReplies Kind = "quick_replies"
	KindCustom       Kind = "custom"
	KindImage        Kind = "image"
	KindAttachment   Kind = "attachment"
	KindElements     Kind = "elements"
)

// Reply is what the assistant says. An agent may set several kinds of content at
// once; Expand takes them apart. Its JSON has the keys of Rasa's REST channel, in
// that order: recipient_id, text, image, buttons, attachment, custom.
type Reply struct {
	// RecipientID is the sender of the message. The service sets it.
	RecipientID string
	Text        string
	// Format is how Text is written, the JSON key format of what an agent sends. No channel
	// shows the key.
	Format Format
	// Image is a URL.
	Image string
	// Buttons stand under the text. Nil means none; an empty list is shown as one.
	Buttons []Button
	// NoText says that buttons came without the key of a text, as Rasa sends those of a response
	// that has none. Text is empty then.
	NoText bool
	// Attachment is any JSON value, usually a URL or an object describing a file.
	Attachment json.RawMessage
	// Custom is any JSON value, kept value for value.
	Custom json.RawMessage
	// QuickReplies are buttons that vanish once one is chosen. They win over Buttons.
	QuickReplies []Button
	// Elements are cards.
	Elements []Element
	// Extra holds the keys an agent sent that are none of the above, such as
	// Telegram's button_type. Not shown on REST.
	Extra map[string]json.RawMessage

	// Rendered says that the agent's own channel layer has expanded the reply, so that
	// its text is not trimmed or split again.
	Rendered bool `json:"-"`
}

// Kind returns what a single-kind reply shows, as Expand returns them.
func (r *Reply) Kind() Kind {
	switch {
	case r.QuickReplies != nil:
		return KindQuickReplies
	case r.Buttons != nil:
		return KindButtons
	case r.Custom != nil:
		return KindCustom
	case r.Image != "":
		return KindImage
	case r.Attachment != nil:
		return KindAttachment
	case r.Elements != nil:
		return KindElements
	}
	return KindText
}

// ExtraText returns the string that the agent has set under a key of its own, such as
// button_type; "" where there is none.
func (r *Reply) ExtraText(key string) (text string) {
	if raw, ok := r.Extra[key]; ok && json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// Validate reports an unknown format, and content that is not JSON where JSON is expected.
func (r *Reply) Validate() error {
	if err := r.Format.Validate(); err != nil {
		return err
	}
	switch {
	case r.Attachment != nil && !isJSON(r.Attachment):
		return errors.New("attachment: not JSON")
	case r.Custom != nil && !isJSON(r.Custom):
		return errors.New("custom: not JSON")
	}
	errs := []error{validExtra("", r.Extra), validButtons(r.Buttons), validButtons(r.QuickReplies)}
	for _, e := range r.Elements {
		errs = append(errs, validExtra("element ", e.Extra), validButtons(e.Buttons))
	}
	return errors.Join(errs...)
}

func validButtons(buttons []Button) error {
	for _, b := range buttons {
		if err := validExtra("button ", b.Extra); err != nil {
			return err
		}
	}
	return nil
}

func validExtra(of string, extra map[string]json.RawMessage) error {
	for key, value := range extra {
		if !isJSON(value) {
			return fmt.Errorf("%s%s: not JSON", of, key)
		}
	}
	return nil
}

func isJSON(v json.RawMessage) bool { return utf8.Valid(v) && json.Valid(v) }

// MarshalJSON writes the keys that are set, in Rasa's order; the text also when it
// is all there is, and beside buttons. It leaves out Format, which Rasa's clients do not know.
func (r Reply) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON returns to dst.
func (r Reply) AppendJSON(dst []byte) ([]byte, error) {
	o := object{dst: append(dst, '{')}
	if r.RecipientID != "" {
		o.string("recipient_id", r.RecipientID)
	}
	if r.Text != "" || r.Kind() == KindText || r.hasButtons() && !r.NoText {
		o.string("text", r.Text)
	}
	if r.Image != "" {
		o.string("image", r.Image)
	}
	if r.Buttons != nil {
		o.buttons("buttons", r.Buttons)
	}
	if r.Attachment != nil {
		o.raw("attachment", r.Attachment)
	}
	if r.Custom != nil {
		o.raw("custom", r.Custom)
	}
	if r.QuickReplies != nil {
		o.buttons("quick_replies", r.QuickReplies)
	}
	o.elements(r.Elements)
	o.members(r.Extra)
	return o.end()
}

// hasButtons reports whether the reply shows buttons, of either kind.
func (r *Reply) hasButtons() bool { return r.Buttons != nil || r.QuickReplies != nil }

func (o *object) elements(elements []Element) {
	if elements == nil {
		return
	}
	list, err := Marshal(elements)
	if err != nil {
		o.err = err
		return
	}
	o.raw("elements", list)
}

// UnmarshalJSON reads a reply object. Null counts as absent; unknown keys go to Extra.
func (r *Reply) UnmarshalJSON(data []byte) error {
	*r = Reply{}
	fields, err := members(data)
	if err != nil {
		return err
	}
	text := fields["text"]
	r.Extra, err = decodeMembers(fields, map[string]any{
		"recipient_id": &r.RecipientID, "text": &r.Text, "format": &r.Format, "image": &r.Image,
		"buttons": &r.Buttons, "attachment": &r.Attachment, "custom": &r.Custom,
		"quick_replies": &r.QuickReplies, "elements": &r.Elements,
	})
	r.NoText = r.hasButtons() && (text == nil || string(text) == "null")
	return err
}
