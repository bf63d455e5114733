package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/manyvox/manyvox/agents"
)

// Prompt is what the model is told before the conversation, with what is known of the turn in
// the place of {{channel}}, {{channel_type}}, {{input_channel}}, {{sender}}, {{locale}},
// {{capabilities}}, {{metadata}}, {{metadata.KEY}} and {{date}}. Single braces are text.
type Prompt string

// placeholder matches anything that looks like one, so that a misspelt one is found at the
// start and not by the model.
var placeholder = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// metadataPrefix begins the placeholder of one value of the metadata.
const metadataPrefix = "metadata."

// localeKeys are where callers and channels say the user's language, in the order of choice. The
// last is Telegram's.
func localeKeys() []string {
	return []string{"locale", "language_code", "language", "lang", "from.language_code"}
}

// placeholders are the names that may stand alone, and what they stand for.
func placeholders() map[string]func(agents.Turn) string {
	return map[string]func(agents.Turn) string{
		"channel":       func(t agents.Turn) string { return t.Message.Channel },
		"channel_type":  func(t agents.Turn) string { return t.Channel.Type },
		"input_channel": func(t agents.Turn) string { return t.Message.InputChannel },
		"sender":        func(t agents.Turn) string { return t.Message.Sender },
		"locale":        locale,
		"capabilities":  func(t agents.Turn) string { return strings.Join(t.Channel.Capabilities, ", ") },
		"metadata":      func(t agents.Turn) string { return string(t.Message.Metadata) },
		"date":          func(agents.Turn) string { return time.Now().UTC().Format(time.DateOnly) },
	}
}

func (p Prompt) validate() error {
	known := placeholders()
	for _, m := range placeholder.FindAllStringSubmatch(string(p), -1) {
		if known[m[1]] != nil || strings.HasPrefix(m[1], metadataPrefix) && m[1] != metadataPrefix {
			continue
		}
		names := []string{metadataPrefix + "KEY"}
		for name := range known {
			names = append(names, name)
		}
		slices.Sort(names)
		return fmt.Errorf("system: unknown placeholder {{%s}}: known are %s", m[1], strings.Join(names, ", "))
	}
	return nil
}

// fill puts in what is known of a turn. It looks at the prompt only: a sender who writes
// "{{metadata}}" stays as he is. What is not known is left out.
func (p Prompt) fill(t agents.Turn) string {
	known := placeholders()
	return placeholder.ReplaceAllStringFunc(string(p), func(found string) string {
		name := placeholder.FindStringSubmatch(found)[1]
		if key, ok := strings.CutPrefix(name, metadataPrefix); ok {
			return metadataText(t.Message.Metadata, strings.Split(key, ".")...)
		}
		return known[name](t)
	})
}

func locale(t agents.Turn) string {
	for _, key := range localeKeys() {
		if text := metadataText(t.Message.Metadata, strings.Split(key, ".")...); text != "" {
			return text
		}
	}
	return ""
}

// metadataText returns the value that lies under keys in keys: a text as it is, anything else
// as JSON, "" where there is none.
func metadataText(value json.RawMessage, path ...string) string {
	for _, key := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(value, &object) != nil {
			return ""
		}
		value = object[key]
	}
	var text string
	if json.Unmarshal(value, &text) == nil { // null too
		return text
	}
	return string(bytes.TrimSpace(value))
}
