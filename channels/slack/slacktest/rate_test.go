package slacktest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// TestRates answers 429 with the wait, after which the call is taken.
func TestRates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, body string
		most         int
		wait         time.Duration
	}{
		{"chat.postMessage", in("C1", "a"), 3, 3 * time.Second},
		{"chat.update", in("C1", "a", `"ts":"1.000001"`), 50, time.Minute},
		{"chat.startStream", in("C1", "a"), 20, time.Minute},
		{"chat.appendStream", in("C1", "a"), 100, time.Minute},
	} {
		t.Run(c.method, func(t *testing.T) {
			t.Parallel()
			inBubble(t, slacktest.Options{Rates: true}, nil, func(t *testing.T, b bubble) {
				for i := range c.most {
					if a := call(t, b.Server, token, c.method, c.body); a.status != 200 {
						t.Fatalf("%d: %+v", i, a)
					}
				}
				a := call(t, b.Server, token, c.method, c.body)
				if a.status != 429 || a.Error != "ratelimited" || a.header.Get("Retry-After") != fmt.Sprint(int(c.wait.Seconds())) {
					t.Errorf("%+v", a)
				}
				if a := call(t, b.Server, token, "auth.test", ""); a.status != 200 {
					t.Errorf("another method: %+v", a)
				}
				time.Sleep(c.wait)
				if a := call(t, b.Server, token, c.method, c.body); a.status != 200 {
					t.Errorf("after the wait: %+v", a)
				}
			})
		})
	}
}

// TestPostRate is by channel: once a second, with bursts.
func TestPostRate(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{Rates: true}, nil, func(t *testing.T, b bubble) {
		b.Person(slacktest.Ina).Say("C1", "hi")
		b.Person(slacktest.Ina).Say("C2", "hi")
		for i := range 30 {
			for _, channel := range []string{"C1", "C2"} {
				if a := call(t, b.Server, token, "chat.postMessage", in(channel, "a")); !a.OK {
					t.Fatalf("%d in %s: %+v", i, channel, a)
				}
			}
			time.Sleep(time.Second)
		}
	})
}

// TestFail answers as ordered, once.
func TestFail(t *testing.T) {
	t.Parallel()
	s := open(t, slacktest.Options{})
	s.Fail("auth.test", "fatal_error")
	s.FailHTTP("auth.test", 503, 0)
	s.FailHTTP("auth.test", 429, 7)
	for _, want := range []string{"200 fatal_error ", "503 internal_error ", "429 ratelimited 7", "200  "} {
		a := call(t, s, token, "auth.test", "")
		if got := fmt.Sprintf("%d %s %s", a.status, a.Error, a.header.Get("Retry-After")); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	s.Refuse("chat.startStream", "unknown_method")
	for range 2 {
		if a := call(t, s, token, "chat.startStream", "{}"); a.Error != "unknown_method" {
			t.Errorf("%+v", a)
		}
	}
	s.Refuse("chat.startStream", "")
	if a := call(t, s, token, "chat.startStream", "{}"); a.Error != "invalid_arguments" {
		t.Errorf("%+v", a)
	}
	if n := len(s.Calls("auth.test")); n != 4 || len(s.Calls("chat.update")) != 0 || len(s.Calls()) != 7 {
		t.Errorf("%d calls", n)
	}
}
