package channels

import (
	"encoding/json"
	"maps"
	"slices"
)

// Element is a card: a title, a subtitle and buttons. Further keys, such as
// image_url, are kept.
type Element struct {
	Title    string
	Subtitle string
	Buttons  []Button
	Extra    map[string]json.RawMessage
	// Keys are those of the JSON that the card was read from, in their order, where it is not the
	// usual one: title, subtitle, buttons, and the further keys sorted.
	Keys []string
}

// MarshalJSON writes title, subtitle and buttons when there are any, and the further keys, in the
// order of Keys. What is not in Keys follows.
func (e Element) MarshalJSON() ([]byte, error) {
	o := object{dst: []byte{'{'}}
	for key := range eachOnce(e.Keys, e.usualKeys()) {
		e.appendKey(&o, key)
	}
	return o.end()
}

// appendKey writes a key, unless the card has none of the name any more.
func (e *Element) appendKey(o *object, key string) {
	switch raw, ok := e.Extra[key]; {
	case ok:
		o.raw(key, raw)
	case key == elementTitle:
		o.string(key, e.Title)
	case key == elementSubtitle && e.Subtitle != "":
		o.string(key, e.Subtitle)
	case key == elementButtons && e.Buttons != nil:
		o.buttons(key, e.Buttons)
	}
}

// usualKeys returns the keys that a card may have, in the usual order.
func (e *Element) usualKeys() []string {
	return append([]string{elementTitle, elementSubtitle, elementButtons}, slices.Sorted(maps.Keys(e.Extra))...)
}

// The keys of a card's JSON that have a field.
const (
	elementTitle    = "title"
	elementSubtitle = "subtitle"
	elementButtons  = "buttons"
)

// UnmarshalJSON reads an element object.
func (e *Element) UnmarshalJSON(data []byte) error {
	*e = Element{}
	fields, err := members(data)
	if err != nil {
		return err
	}
	e.Extra, err = decodeMembers(fields, map[string]any{
		elementTitle: &e.Title, elementSubtitle: &e.Subtitle, elementButtons: &e.Buttons,
	})
	keys := keysOf(data)
	if usual := e.usualKeys(); !slices.Equal(keys, slices.DeleteFunc(usual, func(key string) bool { return !slices.Contains(keys, key) })) {
		e.Keys = keys
	}
	return err
}
