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
	// SendGone means that the address does not exist any more, or that its owner takes
	// nothing from us, as one who has blocked us. The part becomes a dead letter at once,
	// and no other part waits for it.
	SendGone SendClass = "gone"
	// SendThrottled means that we send too much. The part is sent again, not before
	// SendError.RetryAfter; SendError.Scope says which other parts wait as long.
	SendThrottled SendClass = "throttled"
	// SendUnavailable means that the platform is down or cannot be reached, and has not
	// taken the part. The part is sent again.
	SendUnavailable SendClass = "unavailable"
	// SendUnauthorized means that our credentials are not accepted. The conversation's
	// parts wait. When that happens in a second conversation, and none was accepted
	// between, all parts of the channel wait. A refusal of one recipient is SendGone.
	SendUnauthorized SendClass = "unauthorized"
	// SendAbsent means that nobody is connected at the address. The part waits until
	// Waker.Wake or until SendError.Keep has passed. This is not counted as an attempt.
	SendAbsent SendClass = "absent"
	// SendUnknown means that the call broke off after it was sent, so the platform may
	// have taken the part. It is sent again, at the risk that it is shown twice.
	SendUnknown SendClass = "unknown_after_send"
)

// SendScope is whom a throttled platform means: which parts wait for SendError.RetryAfter.
type SendScope string

// The scopes.
const (
	// ScopeSender is the conversation alone: its own line waits, and others go on even if
	// they have the same rate key. It is for a limit that counts the user who writes.
	ScopeSender SendScope = "sender"
	// ScopeAddress is every conversation with the same rate key: see Keyer. It is for a
	// limit that counts whom we write to, as most do.
	ScopeAddress SendScope = "address"
	// ScopeChannel is every conversation of the channel. It is for a limit that counts us.
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
	// and dead letters, or the status where the platform says no more, such as "403". It
	// is one of a small set, and holds no text and no secret.
	Code string
	// Keep is how old a part may become that waits for somebody absent. Then it expires,
	// and becomes no dead letter. 0 means a day.
	Keep time.Duration
	// Err says more, without secrets and without text of the message.
	Err error
}

// Rejected returns the error of a part that the channel cannot send, now or ever.
func Rejected(why string) error { return &SendError{Class: SendRejected, Err: errors.New(why)} }

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
