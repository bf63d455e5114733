package channels

import (
	"errors"
	"time"
)

// SendClass says what a failed Send means for the part. The set is closed; only the
// service decides what to do about a class.
type SendClass string

// The classes.
const (
	// SendRejected: the platform will never take this part. A dead letter at once.
	SendRejected SendClass = "rejected"
	// SendGone: the address is no more. A dead letter at once.
	SendGone SendClass = "gone"
	// SendThrottled: too much; later, and not before SendError.RetryAfter.
	SendThrottled SendClass = "throttled"
	// SendUnavailable: the platform is down or cannot be reached, and has not taken
	// the part. Later.
	SendUnavailable SendClass = "unavailable"
	// SendUnauthorized: our credentials are not accepted. The channel waits.
	SendUnauthorized SendClass = "unauthorized"
	// SendAbsent: nobody is connected at the address. Waits, and counts as no attempt,
	// until Waker.Wake or until SendError.Keep has passed.
	SendAbsent SendClass = "absent"
	// SendUnknown: the call broke off after it was sent, so the platform may have
	// taken the part. Later, at the risk of showing it twice.
	SendUnknown SendClass = "unknown_after_send"
)

// SendScope says whom a throttled platform means.
type SendScope string

// The scopes.
const (
	ScopeAddress SendScope = "address"
	ScopeChannel SendScope = "channel"
)

// SendError is the error of Send.
type SendError struct {
	Class SendClass
	// RetryAfter is how long the platform wants to be left alone, 0 when it did not say.
	RetryAfter time.Duration
	// Scope is whom RetryAfter is about; empty means the address.
	Scope SendScope
	// Keep is how old a part may become that waits for somebody absent. Then it expires,
	// which makes it no dead letter. 0 means a day.
	Keep time.Duration
	// Err says more, without secrets and without text of the message.
	Err error
}

// Error returns the class and the cause.
func (e *SendError) Error() string {
	if e.Err == nil {
		return string(e.Class)
	}
	return string(e.Class) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }

// AsSendError returns err as a SendError. Any other error counts as unknown after
// send, the class that promises least.
func AsSendError(err error) *SendError {
	var e *SendError
	if errors.As(err, &e) {
		return e
	}
	return &SendError{Class: SendUnknown, Err: err}
}
