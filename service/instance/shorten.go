package instance

import "strings"

// maxRepeated is how much of a value that a caller chose is repeated in an error or a log
// line, in bytes.
const maxRepeated = 200

// Shorten cuts a value that a caller chose, so that it can be repeated to people.
func Shorten(s string) string {
	if len(s) <= maxRepeated {
		return s
	}
	return strings.ToValidUTF8(s[:maxRepeated], "") + "…"
}
