package rpc

import (
	"strconv"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

const (
	// oldest stands before the oldest event or dead letter that is kept.
	oldest = -1
	// oldestCursor is its cursor.
	oldestCursor = "oldest"
	// journalDigits is how much of a journal's id a cursor has.
	journalDigits = 8
	// cursorBase is the base of a cursor's number.
	cursorBase = 36
)

// Cursors makes and reads the cursors of one journal, whose id it is. Another journal has
// other ones, so that a client which comes back to it is told, and misses nothing unknowingly.
type Cursors string

// Of returns the cursor of an event, or the page token behind a row.
func (c Cursors) Of(n int64) string {
	if n < 0 {
		return oldestCursor
	}
	return c.journal() + "-" + strconv.FormatInt(n, cursorBase)
}

// read reads a cursor that the caller gave in a field.
func (c Cursors) read(field, cursor string) (int64, error) {
	if cursor == oldestCursor {
		return oldest, nil
	}
	id, digits, ok := strings.Cut(cursor, "-")
	n, err := strconv.ParseInt(digits, cursorBase, 64)
	switch {
	case !ok || err != nil || n < 0:
		return 0, channels.InvalidField(field, "not one that was given")
	case id != c.journal():
		return 0, channels.Errorf(channels.CodeOutOfRange, "%s: it is of another journal; begin with %q", field, oldestCursor)
	}
	return n, nil
}

func (c Cursors) journal() string { return string(c[:min(len(c), journalDigits)]) }
