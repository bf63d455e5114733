package channels

import (
	"cmp"
	"errors"
	"net/http"
	"time"
)

// Exchange is something that came in from a channel's platform, or a call of it, for the
// channel's log. What is in it is shown to the operator: Env.Record takes the secrets of the
// channel's block out of it and cuts it, and keeps Message only where the block says
// "log_text: true".
type Exchange struct {
	// Direction says who began.
	Direction Direction
	// Route is the method and the path, and of a call of the platform the host before it. It
	// has no query.
	Route string
	// Status is that of the HTTP answer, 0 where there was none.
	Status int
	// Began is when it began, and Duration how long it took. Default now, and since Began.
	Began    time.Time
	Duration time.Duration
	// Bytes is the size of the request's body, 0 where it is not known.
	Bytes int64
	// Verdict says what was made of it. Default what Status says.
	Verdict Verdict
	// Code is that of our error object, or the platform's own.
	Code string
	// Text says why, for people. It has none of the message's text.
	Text string
	// Sender is who has written, or is written to.
	Sender string
	// Message is the message's text.
	Message string
}

// Direction says who began an exchange.
type Direction uint8

// The directions.
const (
	// DirectionIn is what came from the platform.
	DirectionIn Direction = iota
	// DirectionOut is what we sent to it.
	DirectionOut
)

// String returns "in" or "out".
func (d Direction) String() string {
	if d == DirectionOut {
		return "out"
	}
	return "in"
}

// Verdict says what was made of an exchange. The set is closed.
type Verdict uint8

// The verdicts, in the order of the table below.
const (
	// VerdictByStatus leaves it to the status: there is none of its own.
	VerdictByStatus Verdict = iota
	// VerdictAccepted is a message that was stored or answered, or a call that the platform
	// has taken.
	VerdictAccepted
	// VerdictDuplicate is a message that had come before.
	VerdictDuplicate
	// VerdictAnswered is a request that the channel has answered, without a message in it.
	VerdictAnswered
	// VerdictIgnored is an event of a kind that the channel does not use. Text names the kind.
	VerdictIgnored
	// VerdictSignatureWrong is a request whose signature does not match: see SignatureError.
	VerdictSignatureWrong
	// VerdictUnauthenticated is a request without the channel's token.
	VerdictUnauthenticated
	// VerdictRefused is a request that is malformed or that may not be made.
	VerdictRefused
	// VerdictFailed is a request at which we failed, or a call that the platform did not take.
	VerdictFailed
)

var verdicts = [...]string{
	VerdictByStatus:        "",
	VerdictAccepted:        "accepted",
	VerdictDuplicate:       "duplicate",
	VerdictAnswered:        "answered",
	VerdictIgnored:         "ignored",
	VerdictSignatureWrong:  "signature_wrong",
	VerdictUnauthenticated: "unauthenticated",
	VerdictRefused:         "refused",
	VerdictFailed:          "failed",
}

// Verdicts is how many verdicts there are, VerdictByStatus included.
const Verdicts = len(verdicts)

// String returns the verdict's name in logs.
func (v Verdict) String() string {
	if int(v) < len(verdicts) {
		return verdicts[v]
	}
	return ""
}

// Judge returns the exchange with a verdict: its own, or what its status says.
func (e Exchange) Judge() Exchange {
	if e.Verdict != VerdictByStatus && int(e.Verdict) < Verdicts {
		return e
	}
	switch {
	case e.Status >= 400 && e.Status < 500 && e.Direction == DirectionIn:
		e.Verdict = VerdictRefused
		if e.Status == http.StatusUnauthorized {
			e.Verdict = VerdictUnauthenticated
		}
	case e.Direction == DirectionIn && e.Status < 500:
		e.Verdict = VerdictAnswered
	case e.Status >= 100 && e.Status < 300:
		e.Verdict = VerdictAccepted
	default:
		e.Verdict = VerdictFailed
	}
	return e
}

// WithError returns the exchange of a request that ended with err.
func (e Exchange) WithError(err error) Exchange {
	known := AsError(err)
	e.Code, e.Text = known.Code.String(), known.Message
	var signature *SignatureError
	switch {
	case errors.As(err, &signature):
		e.Verdict, e.Text = VerdictSignatureWrong, signature.Error()
	case known.Code == CodeUnauthenticated:
		e.Verdict = VerdictUnauthenticated
	case known.Code == CodeRateLimited, errors.Is(known, ErrInvalid):
		e.Verdict = VerdictRefused
	default:
		e.Verdict = VerdictFailed
	}
	return e
}

// WithSendError returns the exchange of a call of the platform that ended with err, as Send
// ends.
func (e Exchange) WithSendError(err error) Exchange {
	known := AsSendError(err)
	e.Verdict, e.Code, e.Text = VerdictFailed, cmp.Or(known.Code, string(known.Class)), known.Error()
	return e
}
