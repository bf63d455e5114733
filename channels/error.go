package channels

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Error is an error with a Code. Its Message is shown to the caller, so it names the
// thing, the place and what to do, and holds no secret and no internals. The cause in Err
// is for the log.
type Error struct {
	Code    Code
	Message string
	// Reason says more closely what the Code says. Empty means the Code's own.
	Reason Reason
	// Info tells programs more of the Reason, such as the oldest cursor that can be given.
	Info map[string]string
	// Field is the field of the request that is malformed, as the Message names it; empty
	// where it is none.
	Field string
	// RetryAfter is how long to wait before trying again, 0 when that would not help.
	RetryAfter time.Duration
	// Replies were given before the failure and not shown yet.
	Replies []Reply
	// Err is the cause.
	Err error
}

// ErrInvalid matches (errors.Is) an Error that the same message would cause again: a
// webhook acknowledges it, else the platform would redeliver it for ever.
var ErrInvalid error = &Error{Code: CodeInvalid}

// ErrUnavailable matches every other Error, since it may be gone later: a webhook answers
// 503, so that the platform redelivers. Each Error matches exactly one of the two.
var ErrUnavailable error = &Error{Code: CodeUnavailable}

// Errorf returns an Error whose message is made as fmt.Errorf makes it. An error
// given for a verb is part of the message, so it must be fit to be shown; one that
// is not goes into Err.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// InvalidField returns an Error about a field of a request, whose message is "<field>: " and
// what fmt.Errorf makes of the rest.
func InvalidField(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Field: field, Message: field + ": " + fmt.Sprintf(format, args...)}
}

// Because sets the reason of an error that was just made.
func (e *Error) Because(r Reason) *Error {
	e.Reason = r
	return e
}

// Error returns the message and, where the message does not hold it, the cause.
func (e *Error) Error() string {
	switch {
	case e.Message == "" && e.Err == nil:
		return e.Code.String()
	case e.Message == "":
		return e.Err.Error()
	case e.Err == nil:
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether e counts as target: as ErrInvalid or ErrUnavailable by the table of
// codes, as another Error without message and cause when it has the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	if !ok || t.Message != "" || t.Err != nil {
		return false
	}
	switch t.Code {
	case CodeInvalid:
		return e.Code.refusesMessage()
	case CodeUnavailable:
		return !e.Code.refusesMessage()
	}
	return t.Code == e.Code
}

// AsError returns err as an Error. The end of a context becomes CodeDeadlineExceeded or
// CodeCanceled. Any other error becomes CodeInternal, with a message that reveals nothing
// of it.
func AsError(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Code: CodeDeadlineExceeded, Message: "the deadline has passed", Err: err}
	case errors.Is(err, context.Canceled):
		return &Error{Code: CodeCanceled, Message: "the caller went away", Err: err}
	}
	return &Error{Code: CodeInternal, Message: "internal error, see the log", Err: err}
}
