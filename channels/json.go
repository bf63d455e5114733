package channels

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Marshal returns v as JSON on one line, with <, > and & as they are: encoding/json's
// own Marshal would rewrite them, also inside a json.RawMessage.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

// object writes the members of a JSON object in the order of the calls.
type object struct {
	dst []byte
	err error
}

func (o *object) key(name string) {
	if last := o.dst[len(o.dst)-1]; last != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(AppendString(o.dst, name), ':')
}

func (o *object) string(name, value string) {
	o.key(name)
	o.dst = AppendString(o.dst, value)
}

// raw writes a value that is JSON already, without the white space between its tokens.
func (o *object) raw(name string, value json.RawMessage) {
	o.key(name)
	b := bytes.NewBuffer(o.dst)
	if err := json.Compact(b, value); err != nil {
		o.err = errors.Join(o.err, fmt.Errorf("%s: %w", name, err))
	}
	o.dst = b.Bytes()
}

func (o *object) buttons(name string, buttons []Button) {
	o.key(name)
	o.dst = append(o.dst, '[')
	for i, b := range buttons {
		if i > 0 {
			o.dst = append(o.dst, ',')
		}
		var err error
		o.dst, err = b.append(o.dst)
		o.err = errors.Join(o.err, err)
	}
	o.dst = append(o.dst, ']')
}

func (o *object) members(m map[string]json.RawMessage) {
	if len(m) == 0 {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		o.raw(name, m[name])
	}
}

func (o *object) end() ([]byte, error) { return append(o.dst, '}'), o.err }

// AppendString appends s as a JSON string.
func AppendString(dst []byte, s string) []byte {
	if !plain(s) {
		quoted, _ := Marshal(s) // a string always has a JSON form
		return append(dst, quoted...)
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// plain reports whether s needs no escape in JSON.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return utf8.ValidString(s)
}

// members splits a JSON object.
func members(data []byte) (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	if m == nil {
		return nil, errors.New("null where a JSON object is expected")
	}
	return m, nil
}

// keysOf returns the keys of a JSON object in their order, each once.
func keysOf(data []byte) []string {
	keys := []string{}
	d := json.NewDecoder(bytes.NewReader(data))
	_, err := d.Token() // the brace
	seen := map[string]bool{}
	for err == nil && d.More() {
		var key json.Token
		if key, err = d.Token(); err == nil && !seen[key.(string)] {
			seen[key.(string)] = true
			keys = append(keys, key.(string))
		}
		var value json.RawMessage
		err = errors.Join(err, d.Decode(&value))
	}
	return keys
}

// eachOnce goes through the keys that an object was read with, and then through its usual ones,
// each once.
func eachOnce(read, usual []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		seen := map[string]bool{}
		for _, key := range append(slices.Clone(read), usual...) {
			if !seen[key] && !yield(key) {
				return
			}
			seen[key] = true
		}
	}
}

// decodeMembers decodes the members that have a target in into, but for null ones. It
// returns the others, nil when there are none.
func decodeMembers(m map[string]json.RawMessage, into map[string]any) (map[string]json.RawMessage, error) {
	for name, target := range into {
		value, ok := m[name]
		delete(m, name)
		if !ok || string(value) == "null" {
			continue
		}
		if err := json.Unmarshal(value, target); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(m) == 0 {
		return nil, nil
	}
	return m, nil
}

// Truthy reports whether a JSON value counts as present: Rasa leaves out null,
// false, 0, and what is empty.
func Truthy(v json.RawMessage) bool {
	v = bytes.TrimSpace(v)
	if len(v) == 0 {
		return false
	}
	switch v[0] {
	case 'n', 'f':
		return false
	case 't':
		return true
	case '"':
		return len(v) > len(`""`)
	case '{', '[':
		return len(bytes.TrimSpace(v[1:])) > 1
	}
	mantissa, _, _ := bytes.Cut(bytes.ToLower(v), []byte("e"))
	return bytes.ContainsAny(mantissa, "123456789")
}

// JSONText returns a value of a platform's JSON as text: a string, what an object has under a key,
// or the values of a list, divided by ", ". Null and what is absent are "", anything else its JSON.
func JSONText(raw json.RawMessage, key string) string {
	var text string
	var object map[string]json.RawMessage
	var list []json.RawMessage
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return text
	case json.Unmarshal(raw, &object) == nil && object[key] != nil:
		return JSONText(object[key], key)
	case json.Unmarshal(raw, &list) == nil:
		all := make([]string, len(list))
		for i, one := range list {
			if all[i] = string(one); one[0] != '[' { // there may be very many within each other
				all[i] = JSONText(one, key)
			}
		}
		return strings.Join(all, ", ")
	}
	return string(raw)
}

// FormJSON returns a form as a JSON object, which has the first value of each field.
func FormJSON(form url.Values) json.RawMessage {
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	encoded, _ := Marshal(fields) // texts always have a JSON form
	return encoded
}
