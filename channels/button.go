package channels

import (
	"cmp"
	"encoding/json"
	"slices"
)

// Button is a choice under a text. Keys other than title and payload are kept.
type Button struct {
	// Title is what the user sees.
	Title string
	// Payload is what is sent as the next message when the user chooses it.
	Payload string
	// Extra holds the further keys, such as type or url.
	Extra map[string]json.RawMessage
}

// MarshalJSON writes title, payload when there is one, and the further keys sorted.
func (b Button) MarshalJSON() ([]byte, error) { return b.append(nil) }

func (b Button) append(dst []byte) ([]byte, error) {
	o := object{dst: append(dst, '{')}
	o.string("title", b.Title)
	if b.Payload != "" {
		o.string("payload", b.Payload)
	}
	o.members(b.Extra)
	return o.end()
}

// UnmarshalJSON reads a button object.
func (b *Button) UnmarshalJSON(data []byte) error {
	*b = Button{}
	fields, err := members(data)
	if err != nil {
		return err
	}
	b.Extra, err = decodeMembers(fields, map[string]any{"title": &b.Title, "payload": &b.Payload})
	return err
}

// Label returns what stands on the button where a platform shows so many characters: its title, or
// else what it says, or where it leads.
func (b *Button) Label(most int) string {
	text := cmp.Or(b.Title, b.Payload, b.Link())
	if UnitRunes.Len(text) > most {
		text = UnitRunes.Prefix(text, most-1) + "…"
	}
	return text
}

// Value returns what the button brings back where a platform keeps so much of it: what choosing it
// says, or where that is longer the ChoiceKey that stands for it. A link has none.
func (b *Button) Value(most int, u Unit) string {
	payload, _ := b.Choice()
	if u.Len(payload) > most {
		return ChoiceKey(payload)
	}
	return payload
}

// NeedChoices reports whether one of the buttons brings back the key of its payload, so that their
// part needs Choices.
func NeedChoices(buttons []Button, most int, u Unit) bool {
	return slices.ContainsFunc(buttons, func(b Button) bool {
		payload, ok := b.Choice()
		return ok && u.Len(payload) > most
	})
}

// Element is a card: a title, a subtitle and buttons. Further keys, such as
// image_url, are kept.
type Element struct {
	Title    string
	Subtitle string
	Buttons  []Button
	Extra    map[string]json.RawMessage
}

// MarshalJSON writes title, subtitle, buttons and the further keys sorted.
func (e Element) MarshalJSON() ([]byte, error) {
	o := object{dst: []byte{'{'}}
	o.string("title", e.Title)
	if e.Subtitle != "" {
		o.string("subtitle", e.Subtitle)
	}
	if e.Buttons != nil {
		o.buttons("buttons", e.Buttons)
	}
	o.members(e.Extra)
	return o.end()
}

// UnmarshalJSON reads an element object.
func (e *Element) UnmarshalJSON(data []byte) error {
	*e = Element{}
	fields, err := members(data)
	if err != nil {
		return err
	}
	e.Extra, err = decodeMembers(fields, map[string]any{
		"title": &e.Title, "subtitle": &e.Subtitle, "buttons": &e.Buttons,
	})
	return err
}
