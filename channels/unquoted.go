package channels

import (
	"regexp"
	"strings"
)

// quoted is what an error's text repeats of the request.
var quoted = regexp.MustCompile(`"[^"]*"`)

const maxUnquoted = 200

// Unquoted returns what a platform says about an error, at most 200 bytes of it and without what it
// quotes: that may be the text of a message.
func Unquoted(text string) string {
	text = quoted.ReplaceAllString(text, `"…"`)
	if len(text) > maxUnquoted {
		text = strings.ToValidUTF8(text[:maxUnquoted], "") + "…"
	}
	return text
}
