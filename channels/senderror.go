package channels

import (
	"errors"
	"time"
)

// SendClass is what a failed Send means for the part. The set is closed. Only the service
// decides what to do about a class.
type SendClass string

// The classes.
const (
	// SendRejected means that the platform will never take this part. It becomes a dead
	// letter at once.
	SendRejected SendClass = "rejected"
	// SendGone means that the address does not exist any more. The part becomes a dead
	// letter at once.
	SendGone SendClass = "gone"
	// SendThrottled means that we send too much. The part is sent again, not before
	// SendError.RetryAfter.
	SendThrottled SendClass = "throttled"
	// SendUnavailable means that the platform is down or cannot be reached, and has not
	// taken the part. The part is sent again.
	SendUnavailable SendClass = "unavailable"
	// SendUnauthorized means that our credentials are not accepted. The channel's parts
	// wait.
	SendUnauthorized SendClass = "unauthorized"
	// SendAbsent means that nobody is connected at the address. The part waits until
	// Waker.Wake or until SendError.Keep has passed. This is not counted as an attempt.
	SendAbsent SendClass = "absent"
	// SendUnknown means that the call broke off after it was sent, so the platform may
	// have taken the part. It is sent again, at the risk that it is shown twice.
	SendUnknown SendClass = "unknown_after_send"
)

// SendScope is what a SendError is about: one address or the whole channel.
type SendScope string

// The scopes.
const (
	// ScopeSender is the conversation alone.
	ScopeSender SendScope = "sender"
	// ScopeAddress is every conversation with the same rate key: see Keyer.
	ScopeAddress SendScope = "address"
	// ScopeChannel is every conversation of the channel.
	ScopeChannel SendScope = "channel"
)

// SendError is the error of Send.
type SendError struct {
	Class SendClass
	// RetryAfter is how long the platform wants us to wait, 0 when it gave no time.
	RetryAfter time.Duration
	// Scope is what RetryAfter is about; empty means the address.
	Scope SendScope
	// Code is the platform's own error code, such as "channel_not_found", for metrics
	// and dead letters. It is one of a small set, and holds no text and no secret.
	Code string
	// Keep is how old a part may become that waits for somebody absent. Then it expires,
	// and becomes no dead letter. 0 means a day.
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
