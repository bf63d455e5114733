package rasa

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// checkMetadata refuses what Rasa cannot take. It expects an object, or what Python takes
// for nothing, such as an empty list. With anything else its turn fails: its stream hangs
// then, and the conversation would wait until the turn has timed out.
func checkMetadata(metadata json.RawMessage) error {
	kind := truthyKind(bytes.TrimSpace(metadata))
	if kind == "" || kind == "an object" {
		return nil
	}
	return channels.Errorf(channels.CodeInvalid, "metadata: got %s: Rasa takes an object alone", kind)
}

// truthyKind names the kind of a JSON value, or returns "" for one that is nothing to
// Python.
func truthyKind(value []byte) string {
	if len(value) == 0 {
		return ""
	}
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return nameIf(len(bytes.TrimSpace(value[1:len(value)-1])) > 0, "a list")
	case '"':
		return nameIf(len(value) > len(`""`), "a string")
	case 't':
		return "true"
	case 'f', 'n':
		return ""
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(string(value)), "e")
	return nameIf(strings.ContainsAny(mantissa, "123456789"), "a number")
}

func nameIf(holds bool, name string) string {
	if !holds {
		return ""
	}
	return name
}
