package slacktest

import (
	"net/http"
	"slices"
	"time"
)

// Call is a call of the Web API that was made.
type Call struct {
	Method string
	// Team is the workspace of its token, "" when that is no token of one.
	Team string
	// Args are its arguments: what JSON makes of them, without the token.
	Args map[string]any
	// Error is the error string of the answer, "" when it worked.
	Error string
	// Status is that of HTTP.
	Status int
	// At is when it was made.
	At time.Time
}

// record is what was called and delivered, and what the next calls are answered.
type record struct {
	calls      []Call
	deliveries []Delivery
	faults     []fault
	refused    map[string]string      // methods that are always refused, and the error strings
	windows    map[string][]time.Time // of the rates
}

// Calls returns the calls of these methods, all of them when none is named.
func (s *Server) Calls(methods ...string) (list []Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.record.calls {
		if len(methods) == 0 || slices.Contains(methods, c.Method) {
			list = append(list, c)
		}
	}
	return list
}

// fault is an answer that was ordered.
type fault struct {
	method string
	answer answer
}

// Fail has the next call of a method answered with an error string.
func (s *Server) Fail(method, code string) { s.order(method, refuse(code)) }

// Refuse has every call of a method answered with an error string from now on, such as
// unknown_method where a workspace has no streams. "" ends that.
func (s *Server) Refuse(method, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.refused[method] = code
}

// FailHTTP has the next call of a method answered with a failure of HTTP. A status of 429 has
// Retry-After, in seconds.
func (s *Server) FailHTTP(method string, status, retryAfter int) {
	a := answer{object: object{"ok": false, "error": "internal_error"}, status: status}
	if status == http.StatusTooManyRequests {
		a = tooMany(retryAfter)
	}
	s.order(method, a)
}

// order keeps an answer for the next call of a method.
func (s *Server) order(method string, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.faults = append(s.record.faults, fault{method, a})
}

// fault takes the next answer that was ordered for a method, nil without one. The lock is held.
func (s *Server) fault(method string) *answer {
	for i, f := range s.record.faults {
		if f.method == method {
			s.record.faults = slices.Delete(s.record.faults, i, i+1)
			return &f.answer
		}
	}
	if code := s.record.refused[method]; code != "" {
		a := refuse(code)
		return &a
	}
	return nil
}
