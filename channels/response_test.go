package channels_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// wantClass is the table of statuses; "" means none.
func wantClass(status int) channels.SendClass {
	special := map[int]channels.SendClass{
		401: channels.SendUnauthorized,
		403: channels.SendGone, 404: channels.SendGone, 410: channels.SendGone,
		408: channels.SendUnavailable, 425: channels.SendUnavailable,
		429: channels.SendThrottled,
	}
	switch class, ok := special[status]; {
	case ok:
		return class
	case status/100 == 2:
		return ""
	case status/100 == 5:
		return channels.SendUnavailable
	}
	return channels.SendRejected
}

func TestCheckResponse(t *testing.T) {
	t.Parallel()
	for status := 100; status < 600; status++ {
		err := channels.CheckResponse(&http.Response{StatusCode: status, Status: "the server's words"})
		var e *channels.SendError
		switch want := wantClass(status); {
		case want == "" && err != nil:
			t.Errorf("%d: %v", status, err)
		case want == "":
		case !errors.As(err, &e) || e.Class != want || e.RetryAfter != 0 || e.Scope != "" || e.Code != strconv.Itoa(status):
			t.Errorf("%d: got %#v, want class %s and the status as its code", status, err, want)
		case !strings.Contains(err.Error(), fmt.Sprintf("status %d", status)) || strings.Contains(err.Error(), "words"):
			t.Errorf("%d: named as %q", status, err)
		}
	}
}

func TestCheckResponseText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		want   string
	}{
		{"known", 400, "rejected: status 400 Bad Request"},
		{"unknown", 599, "unavailable: status 599"},
		{"redirect", 302, "rejected: status 302 Found: redirects are not followed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := channels.CheckResponse(&http.Response{StatusCode: c.status}).Error(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCheckResponseRetryAfter(t *testing.T) {
	t.Parallel()
	type want struct {
		class channels.SendClass
		after time.Duration
	}
	date := func(after time.Duration) func() string {
		return func() string { return time.Now().Add(after).UTC().Format(http.TimeFormat) }
	}
	text := func(s string) func() string { return func() string { return s } }
	for _, c := range []struct {
		name   string
		status int
		header func() string
		want   want
	}{
		{"429 in seconds", 429, text("30"), want{channels.SendThrottled, 30 * time.Second}},
		{"429 by date", 429, date(90 * time.Second), want{channels.SendThrottled, 90 * time.Second}},
		{"429 with none", 429, text(""), want{channels.SendThrottled, 0}},
		{"429 at once", 429, text("0"), want{channels.SendThrottled, 0}},
		{"429 in the past", 429, date(-time.Hour), want{channels.SendThrottled, 0}},
		{"429 negative", 429, text("-5"), want{channels.SendThrottled, 0}},
		{"429 with words", 429, text("soon"), want{channels.SendThrottled, 0}},
		{"429 for a year", 429, text("31536000"), want{channels.SendThrottled, 24 * time.Hour}},
		{"429 until next year", 429, date(365 * 24 * time.Hour), want{channels.SendThrottled, 24 * time.Hour}},
		{"429 beyond an integer", 429, text("99999999999999999999"), want{channels.SendThrottled, 0}},
		{"503 in seconds", 503, text("7"), want{channels.SendThrottled, 7 * time.Second}},
		{"503 by date", 503, date(7 * time.Second), want{channels.SendThrottled, 7 * time.Second}},
		{"503 with words", 503, text("soon"), want{channels.SendUnavailable, 0}},
		{"500", 500, text("7"), want{channels.SendUnavailable, 0}},
		{"401", 401, text("7"), want{channels.SendUnauthorized, 0}},
		{"403", 403, text("7"), want{channels.SendGone, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // whose clock stands still
				res := &http.Response{StatusCode: c.status, Header: http.Header{"Retry-After": {c.header()}}}
				e := channels.AsSendError(channels.CheckResponse(res))
				if diff := cmp.Diff(c.want, want{e.Class, e.RetryAfter}, cmp.AllowUnexported(want{})); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}
