package channels_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

// TestCodes looks at every code of the table, and at one past its end.
func TestCodes(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	seen := map[string]bool{}
	for c := channels.Code(0); c <= channels.CodeGone; c++ {
		switch {
		case !name.MatchString(c.String()):
			t.Errorf("code %d: name %q", c, c.String())
		case seen[c.String()] && c != channels.CodeRateLimited: // which is CodeOverloaded with another status
			t.Errorf("code %d: name %s is taken", c, c)
		case c.RPC() < 1 || c.RPC() > 16:
			t.Errorf("code %s: no canonical RPC code has the number %d", c, c.RPC())
		case c.HTTP() != 499 && http.StatusText(c.HTTP()) == "" || c.HTTP() < 400:
			t.Errorf("code %s: no error has the status %d", c, c.HTTP())
		}
		seen[c.String()] = true
	}
	if past := channels.CodeGone + 1; past.String() != "internal" || past.HTTP() != 500 || past.RPC() != 13 {
		t.Errorf("code %d: %s, want what internal has", past, past)
	}
}

// TestCodeStatus holds the statuses that the design promises.
func TestCodeStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		code channels.Code
		http int
		rpc  uint32
	}{
		{"invalid_argument", channels.CodeInvalid, 400, 3},
		{"unauthenticated", channels.CodeUnauthenticated, 401, 16},
		{"not_found", channels.CodeNotFound, 404, 5},
		{"failed_precondition", channels.CodeFailedPrecondition, 409, 9},
		{"already_exists", channels.CodeAlreadyExists, 409, 6},
		{"aborted", channels.CodeAborted, 409, 10},
		{"out_of_range", channels.CodeOutOfRange, 400, 11},
		{"too_large", channels.CodeTooLarge, 413, 8},
		{"agent_failed", channels.CodeAgentFailed, 502, 2},
		{"resource_exhausted", channels.CodeOverloaded, 503, 8},
		{"resource_exhausted", channels.CodeRateLimited, 429, 8},
		{"unavailable", channels.CodeUnavailable, 503, 14},
		{"deadline_exceeded", channels.CodeDeadlineExceeded, 504, 4},
		{"gone", channels.CodeGone, 410, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.code.String() != c.name || c.code.HTTP() != c.http || c.code.RPC() != c.rpc {
				t.Errorf("%s has status %d and RPC code %d, want %s, %d and %d", c.code, c.code.HTTP(), c.code.RPC(), c.name, c.http, c.rpc)
			}
		})
	}
}
