package channels

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"unicode/utf8"
)

// Body is the JSON object of a webhook's request. Its methods' errors name the key.
type Body map[string]json.RawMessage

// ReadBody reads a request's body as one JSON object, whatever its Content-Type
// says, as Rasa does.
func ReadBody(r *http.Request) (Body, error) {
	data, err := ReadRaw(r)
	if err != nil {
		return nil, err
	}
	return ParseBody(data)
}

// ReadRaw reads a request's body as it came, for a channel that checks its signature before it
// parses it. Its error, of type *Error, is the caller's.
func ReadRaw(r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	if r.ContentLength > 0 {
		b.Grow(int(min(r.ContentLength, 64<<10)) + bytes.MinRead) // no more, since a stranger announces the length
	}
	if _, err := b.ReadFrom(r.Body); err != nil {
		return nil, bodyError(err)
	}
	return b.Bytes(), nil
}

func bodyError(err error) error {
	var e *Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &tooLarge):
		return Errorf(CodeTooLarge, "the body is larger than %d bytes", tooLarge.Limit)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Code: CodeInvalid, Message: "the body ends before its announced length", Err: err}
	}
	return &Error{Code: CodeInvalid, Message: "the body cannot be read", Err: err}
}

// ParseBody parses a JSON object.
func ParseBody(data []byte) (Body, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // a byte order mark, as some editors write it
	data = bytes.Trim(data, " \t\r\n")              // the white space of JSON, which is less than Unicode's
	switch {
	case len(data) == 0:
		return nil, Errorf(CodeInvalid, `the body is empty: expected a JSON object such as {"sender":"me","message":"hi"}`)
	case !utf8.Valid(data):
		return nil, Errorf(CodeInvalid, "the body is not UTF-8")
	}
	var b Body
	err := json.Unmarshal(data, &b)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, Errorf(CodeInvalid, "the body is not JSON: %v at byte %d", syntax, syntax.Offset)
	case err != nil || b == nil:
		return nil, Errorf(CodeInvalid, "the body is not a JSON object but %s", kindOf(data))
	}
	return b, nil
}

// Raw returns the value of key as it was sent, nil when it is absent or null.
func (b Body) Raw(key string) json.RawMessage {
	if v := b[key]; string(v) != "null" {
		return v
	}
	return nil
}

// Text returns the string under key; ok is false when it is absent or null.
func (b Body) Text(key string) (s string, ok bool, err error) {
	v := b.Raw(key)
	if v == nil {
		return "", false, nil
	}
	if v[0] != '"' {
		return "", false, Errorf(CodeInvalid, "key %q: expected a string, not %s", key, kindOf(v))
	}
	err = json.Unmarshal(v, &s)
	return s, true, err
}

// ID returns the string under key, or a number or truth value in the form that
// Rasa gives it ("123", "True"); "" when it is absent or null.
func (b Body) ID(key string) (string, error) {
	v := b.Raw(key)
	if v == nil {
		return "", nil
	}
	switch c := v[0]; {
	case c == '-' || '0' <= c && c <= '9':
		return string(v), nil
	case c == 't':
		return "True", nil
	case c == 'f':
		return "False", nil
	case c != '"':
		return "", Errorf(CodeInvalid, "key %q: expected a string or a number, not %s", key, kindOf(v))
	}
	var s string
	err := json.Unmarshal(v, &s)
	return s, err
}

// Decode decodes the value under key into v, which stays as it is when the value
// is absent or null.
func (b Body) Decode(key string, v any) error {
	raw := b.Raw(key)
	if raw == nil {
		return nil
	}
	err := json.Unmarshal(raw, v)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return Errorf(CodeInvalid, "key %q: expected %s", joinPath(key, wrong.Field), kindOfGo(wrong.Type))
	}
	if err != nil {
		return Errorf(CodeInvalid, "key %q: %v", key, err)
	}
	return nil
}

// Attachments reads the list of attachments under a key, nil when there is none.
func (b Body) Attachments(key string) ([]Attachment, error) {
	var list []json.RawMessage
	if err := b.Decode(key, &list); err != nil || list == nil {
		return nil, err
	}
	all := make([]Attachment, len(list))
	for i, one := range list {
		place := fmt.Sprintf("%s[%d]", key, i)
		if err := (Body{place: one}).Decode(place, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func joinPath(key, field string) string {
	if field == "" {
		return key
	}
	return fmt.Sprintf("%s.%s", key, field)
}

// bytesType is that of what base64 holds.
var bytesType = reflect.TypeFor[[]byte]()

// kindOfGo names the JSON value that a Go type holds.
func kindOfGo(t reflect.Type) string {
	if t == bytesType {
		return "a string of base64"
	}
	switch t.Kind() { // the rest are numbers
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

// kindOf names what a JSON value is.
func kindOf(v []byte) string {
	switch v[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}
