package channels

import (
	"cmp"
	"encoding/json"
	"maps"
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
	// Keys are those of the JSON that the button was read from, in their order, where it is not
	// the usual one: title, payload when there is one, and the further keys sorted. So a button is
	// shown as the agent has sent it.
	Keys []string
}

// MarshalJSON writes the Keys, or else those of the usual JSON.
func (b Button) MarshalJSON() ([]byte, error) { return b.append(nil) }

func (b Button) append(dst []byte) ([]byte, error) {
	o := object{dst: append(dst, '{')}
	if b.Keys == nil {
		o.string("title", b.Title)
		if b.Payload != "" {
			o.string("payload", b.Payload)
		}
		o.members(b.Extra)
		return o.end()
	}
	for key := range eachOnce(b.Keys, b.usualKeys()) {
		if key != buttonTitle || b.Title != "" || slices.Contains(b.Keys, key) {
			b.appendKey(&o, key)
		}
	}
	return o.end()
}

// appendKey writes a key, unless the button has none of the name any more.
func (b *Button) appendKey(o *object, key string) {
	switch raw, ok := b.Extra[key]; {
	case ok:
		o.raw(key, raw)
	case key == buttonTitle:
		o.string(key, b.Title)
	case key == buttonPayload:
		o.string(key, b.Payload)
	}
}

// usualKeys returns the keys of the usual JSON.
func (b *Button) usualKeys() []string {
	keys := []string{buttonTitle}
	if b.Payload != "" {
		keys = append(keys, buttonPayload)
	}
	return append(keys, slices.Sorted(maps.Keys(b.Extra))...)
}

// The keys of a button's JSON that have a field.
const (
	buttonTitle   = "title"
	buttonPayload = "payload"
)

// UnmarshalJSON reads a button object. A payload that is no string, and a title that is a number,
// a truth value or null, is kept in Extra as it is; the field has its text, "" of null.
func (b *Button) UnmarshalJSON(data []byte) error {
	*b = Button{}
	fields, err := members(data)
	if err != nil {
		return err
	}
	others := map[string]json.RawMessage{}
	for key, field := range map[string]*string{buttonTitle: &b.Title, buttonPayload: &b.Payload} {
		raw := fields[key]
		switch {
		case raw == nil || raw[0] == '"', key == buttonTitle && (raw[0] == '[' || raw[0] == '{'):
			continue
		case string(raw) != "null":
			*field = string(raw)
		}
		others[key] = raw
		delete(fields, key)
	}
	if b.Extra, err = decodeMembers(fields, map[string]any{buttonTitle: &b.Title, buttonPayload: &b.Payload}); err != nil {
		return err
	}
	if b.Extra == nil && len(others) > 0 {
		b.Extra = others
	}
	maps.Copy(b.Extra, others)
	if keys := keysOf(data); !slices.Equal(keys, b.usualKeys()) {
		b.Keys = keys
	}
	return nil
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
