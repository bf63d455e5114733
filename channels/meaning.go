package channels

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Meaning is what some words of a platform's error mean for a part, where they say more than its
// status.
type Meaning struct {
	// Words are searched in the error, whatever their case: these, or others behind a "|".
	Words string
	Class SendClass
	// Code is ours: see SendError.Code. Empty leaves the error its own.
	Code string
	// Advice says what the operator can do, "" for nothing. It stands before the cause.
	Advice string
}

// WithMeaning returns the error with the class and the code of the first meaning whose words the
// text has, or as it is.
func (e *SendError) WithMeaning(text string, meanings ...Meaning) *SendError {
	text = strings.ToLower(text)
	for _, m := range meanings {
		has := func(words string) bool { return strings.Contains(text, words) }
		if slices.ContainsFunc(strings.Split(strings.ToLower(m.Words), "|"), has) {
			meant := *e
			meant.Class, meant.Code = m.Class, cmp.Or(m.Code, e.Code)
			if m.Advice != "" {
				meant.Err = fmt.Errorf("%s: %w", m.Advice, e.Err)
			}
			return &meant
		}
	}
	return e
}

// HasSendCode reports whether err is a SendError with one of these Codes.
func HasSendCode(err error, codes ...string) bool {
	var e *SendError
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}
