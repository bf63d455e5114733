package rpc

import (
	"encoding/json"

	"google.golang.org/protobuf/types/known/structpb"
)

// A JSON value goes out as a protobuf value only within these bounds, so that any client can
// read it: decoders stop at 100 levels, of which a level of JSON takes three, and at 4 MiB, and
// a list of small numbers grows to six times its length.
const (
	maxValueDepth = 20
	maxValueSize  = 64 << 10
)

// valueOf converts a JSON value. It returns nil for one that is over the bounds, or has no such
// form: the field beside it has the JSON text.
func valueOf(raw json.RawMessage) *structpb.Value {
	if raw == nil || len(raw) > maxValueSize || isDeep(raw) {
		return nil
	}
	// protojson would refuse a lone surrogate or a key that is there twice, which
	// webhooks hand on; encoding/json takes the former as U+FFFD and the last of the latter.
	var decoded any
	if json.Unmarshal(raw, &decoded) != nil { // a number that no double has room for
		return nil
	}
	v, err := structpb.NewValue(decoded)
	if err != nil {
		return nil
	}
	return v
}

// isDeep reports whether a JSON value is nested deeper than a protobuf value may be.
func isDeep(raw []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++ // what is escaped ends no string
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxValueDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// structOf converts the further keys of a button, and returns their JSON text beside them.
func structOf(fields map[string]json.RawMessage) (*structpb.Struct, string) {
	if len(fields) == 0 {
		return nil, ""
	}
	text, err := json.Marshal(fields)
	if err != nil { // agents give JSON alone
		return nil, ""
	}
	return valueOf(text).GetStructValue(), string(text)
}
