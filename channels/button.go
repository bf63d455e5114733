package channels

import "encoding/json"

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
