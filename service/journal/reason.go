package journal

import (
	"regexp"
)

// A reason says for people why something was given up. It begins with a code for programs,
// "<code>: <text>" or "<code> (<the platform's own code>)", or is the code alone.
var reasonForm = regexp.MustCompile(`^([a-z]+(?:_[a-z]+)*)(?:: (.+)| \(.+\))?$`)

// ReasonOf makes the reason of an event or a dead letter.
func ReasonOf(code, text string) string { return code + ": " + text }

// SplitReason returns the code and the text of a reason. The code is empty when the reason has
// none; the text is the whole reason where nothing stands behind the code, or the platform's.
func SplitReason(reason string) (code, text string) {
	found := reasonForm.FindStringSubmatch(reason)
	switch {
	case found == nil:
		return "", reason
	case found[2] == "":
		return found[1], reason
	}
	return found[1], found[2]
}
