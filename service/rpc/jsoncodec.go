package rpc

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// jsonCodec is Connect's codec for JSON, but that it reads what webhooks read too: a byte
// order mark at the beginning, and half of a surrogate pair, which is U+FFFD. JavaScript
// writes the latter when it cuts a text within an emoji.
type jsonCodec struct{ name string }

// jsonCodecs returns the codec under each name that Connect has for it.
func jsonCodecs() []jsonCodec {
	return []jsonCodec{{"json"}, {"json; charset=utf-8"}}
}

// Name is connect.Codec's.
func (c jsonCodec) Name() string { return c.name }

// Marshal is connect.Codec's.
func (c jsonCodec) Marshal(message any) ([]byte, error) { return c.MarshalAppend(nil, message) }

// MarshalAppend lets Connect use a buffer again.
func (jsonCodec) MarshalAppend(dst []byte, message any) ([]byte, error) {
	m, ok := message.(proto.Message)
	if !ok {
		return nil, notProto(message)
	}
	return protojson.MarshalOptions{}.MarshalAppend(dst, m)
}

// Unmarshal is connect.Codec's.
func (jsonCodec) Unmarshal(data []byte, message any) error {
	m, ok := message.(proto.Message)
	if !ok {
		return notProto(message)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) == 0 {
		return errors.New("the body is empty: expected a JSON object")
	}
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(wholeSurrogates(data), m)
}

func notProto(message any) error { return fmt.Errorf("%T is no protobuf message", message) }

// wholeSurrogates returns JSON with each escape of half a surrogate pair replaced by that of
// U+FFFD, as encoding/json reads it.
func wholeSurrogates(data []byte) []byte {
	if !bytes.Contains(data, []byte(`\u`)) {
		return data
	}
	whole := bytes.Clone(data)
	for i := 0; i < len(whole); i++ {
		if whole[i] != '\\' {
			continue
		}
		unit, ok := escapedUnit(whole[i:])
		if !ok {
			i++ // the character that is escaped
			continue
		}
		next, paired := escapedUnit(whole[min(i+escapeSize, len(whole)):])
		switch {
		case unit < 0xd800 || unit > 0xdfff:
			i += escapeSize - 1
		case unit < 0xdc00 && paired && 0xdc00 <= next && next <= 0xdfff:
			i += 2*escapeSize - 1
		default:
			copy(whole[i:], `\ufffd`)
			i += escapeSize - 1
		}
	}
	return whole
}

const escapeSize = len(`\u0000`)

// escapedUnit returns the UTF-16 unit that data begins with the escape of.
func escapedUnit(data []byte) (uint64, bool) {
	if len(data) < escapeSize || data[0] != '\\' || data[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(data[2:escapeSize]), 16, 16)
	return unit, err == nil
}

var _ connect.Codec = jsonCodec{}
