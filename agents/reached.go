package agents

import "errors"

// notReached marks an error.
type notReached struct{ err error }

// Error returns the error's text.
func (e *notReached) Error() string { return e.err.Error() }

// Unwrap returns the error.
func (e *notReached) Unwrap() error { return e.err }

// NotReached marks an error of Answer that says that the message cannot have reached the
// assistant: nothing was written to it, or it refused the message unread, as by 429. Such
// a message may be sent again whatever the assistant does with messages. Nil stays nil.
func NotReached(err error) error {
	if err == nil {
		return nil
	}
	return &notReached{err}
}

// IsNotReached reports whether an error was marked by NotReached.
func IsNotReached(err error) bool { return errors.As(err, new(*notReached)) }
