package channels

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// longestRetryAfter keeps a Retry-After within what a Duration can hold. A part
// that waits longer has become stale anyway.
const longestRetryAfter = 24 * time.Hour

// CheckResponse returns nil for a status of 2xx and else a *SendError that says what
// the status means for the part, with the status as its Code. A type whose platform
// gives a status another meaning changes the class of what is returned, and one whose
// platform has error codes of its own the Code.
func CheckResponse(res *http.Response) error {
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return nil
	}
	e := &SendError{Class: classOf(res.StatusCode), Code: strconv.Itoa(res.StatusCode), Err: statusError(res.StatusCode)}
	switch res.StatusCode { // the others say nothing of the time
	case http.StatusTooManyRequests:
		e.RetryAfter = ReadRetryAfter(res.Header)
	case http.StatusServiceUnavailable:
		if e.RetryAfter = ReadRetryAfter(res.Header); e.RetryAfter > 0 {
			e.Class = SendThrottled
		}
	}
	return e
}

// classOf is the table of statuses other than 2xx. 403 is about the recipient: our
// credentials were understood, and this one may not be written to.
// https://www.rfc-editor.org/rfc/rfc9110#name-status-codes
func classOf(status int) SendClass {
	switch status {
	case http.StatusUnauthorized:
		return SendUnauthorized
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return SendGone
	case http.StatusTooManyRequests:
		return SendThrottled
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return SendUnavailable
	}
	if status >= 500 && status < 600 {
		return SendUnavailable
	}
	return SendRejected
}

// statusError names a status in our words: those in the response are the server's.
func statusError(status int) error {
	text := fmt.Sprintf("status %d", status)
	if name := http.StatusText(status); name != "" {
		text += " " + name
	}
	if status >= 300 && status < 400 {
		text += ": redirects are not followed"
	}
	return errors.New(text)
}

// ReadRetryAfter reads the header Retry-After in both of its forms; 0 when there is
// none, and never more than a day.
// https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
func ReadRetryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(0, seconds), int(longestRetryAfter.Seconds()))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, time.Until(at)), longestRetryAfter)
	}
	return 0
}
