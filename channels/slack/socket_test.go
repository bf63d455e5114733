package slack_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// inSocket runs a channel by Socket Mode on a fake, both in a bubble.
func inSocket(t *testing.T, o slacktest.Options, in channels.Inbox, test func(*testing.T, *slacktest.Server, func() error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o.Token, o.AppToken, o.BaseURL = token, appToken, "http://slack.example"
		s := slacktest.New(o)
		defer s.Close()
		c := onPipe(t, s, socket)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx, in) }()
		stopped := false
		stop := func() error { stopped = true; cancel(); return <-ended }
		defer func() {
			if !stopped {
				_ = stop()
			}
		}()
		test(t, s, stop)
	})
}

// waitFor waits until something is so at the fake.
func waitFor(t *testing.T, s *slacktest.Server, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	if err := s.Wait(ctx, done); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func texts(in *channeltest.Inbox) (list []string) {
	for _, m := range in.Posted() {
		list = append(list, m.Text)
	}
	return list
}

func TestSocket(t *testing.T) {
	t.Parallel()
	in := &channeltest.Inbox{}
	inSocket(t, slacktest.Options{}, in, func(t *testing.T, s *slacktest.Server, stop func() error) {
		ina := s.Person(slacktest.Ina)
		ina.Say(ina.DM(), "hello")
		waitFor(t, s, "it is taken", func() bool { return s.Pending() == 0 })
		ina.Command(crew, "/ask", "when?")
		s.Push(slacktest.TeamID, crew, object{"type": "telepathy"})
		waitFor(t, s, "all is taken", func() bool { return s.Pending() == 0 })
		if diff := cmp.Diff([]string{"hello", "/ask when?"}, texts(in)); diff != "" {
			t.Error(diff)
		}
		if err := stop(); err != nil || s.Sockets() != 0 {
			t.Errorf("Run: %v, %d sockets", err, s.Sockets())
		}
		if w := s.Chat(crew).Warnings; len(w) > 0 {
			t.Errorf("Ina was told %q", w)
		}
	})
}

// TestSocketRefresh opens the next socket before it leaves one that Slack will end, and loses and
// repeats nothing.
func TestSocketRefresh(t *testing.T) {
	t.Parallel()
	in := &channeltest.Inbox{}
	inSocket(t, slacktest.Options{Life: time.Minute}, in, func(t *testing.T, s *slacktest.Server, _ func() error) {
		ina := s.Person(slacktest.Ina)
		var want []string
		for i := range 200 { // in 5 minutes
			text := "n" + strings.Repeat("i", i)
			want = append(want, text)
			ina.Say(ina.DM(), text)
			if i > 5 && s.Sockets() == 0 {
				t.Fatal("no socket is open")
			}
			time.Sleep(1501 * time.Millisecond) // never when Slack ends a socket: what is on its way then comes again
		}
		waitFor(t, s, "all is taken", func() bool { return s.Pending() == 0 })
		if diff := cmp.Diff(want, texts(in)); diff != "" {
			t.Error(diff)
		}
		if n := len(s.Deliveries()); n != len(want) {
			t.Errorf("%d deliveries", n)
		}
		if n := len(s.Calls("apps.connections.open")); n < 5 || n > 8 {
			t.Errorf("%d sockets in 5 minutes", n)
		}
	})
}

// TestSocketCut opens another socket after one is gone without a word.
func TestSocketCut(t *testing.T) {
	t.Parallel()
	in := &channeltest.Inbox{}
	inSocket(t, slacktest.Options{}, in, func(t *testing.T, s *slacktest.Server, _ func() error) {
		waitFor(t, s, "a socket is open", func() bool { return s.Sockets() == 1 })
		s.Cut()
		s.Fail("apps.connections.open", "internal_error")
		waitFor(t, s, "it is closed", func() bool { return s.Sockets() == 0 })
		ina := s.Person(slacktest.Ina)
		ina.Say(ina.DM(), "hello")
		waitFor(t, s, "it is taken", func() bool { return s.Pending() == 0 })
		if diff := cmp.Diff([]string{"hello"}, texts(in)); diff != "" {
			t.Error(diff)
		}
	})
}

// refusing is an inbox that is unavailable once.
type refusing struct {
	channeltest.Inbox
	tried atomic.Bool
}

func (r *refusing) Post(ctx context.Context, ms ...channels.Message) error {
	if !r.tried.Swap(true) {
		return channels.Errorf(channels.CodeUnavailable, "the disk is full")
	}
	return r.Inbox.Post(ctx, ms...)
}

// TestSocketUnavailable acknowledges nothing that is not stored.
func TestSocketUnavailable(t *testing.T) {
	t.Parallel()
	in := &refusing{}
	inSocket(t, slacktest.Options{}, in, func(t *testing.T, s *slacktest.Server, _ func() error) {
		ina := s.Person(slacktest.Ina)
		ina.Say(ina.DM(), "hello")
		waitFor(t, s, "it is taken", func() bool { return s.Pending() == 0 })
		if diff := cmp.Diff([]string{"hello"}, texts(&in.Inbox)); diff != "" || len(s.Deliveries()) != 2 {
			t.Errorf("%d deliveries: %s", len(s.Deliveries()), diff)
		}
	})
}

// TestSocketEnds ends with what to do about what does not pass.
func TestSocketEnds(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"invalid_auth": "app_token", "not_allowed_token_type": "app_token", "missing_scope": "missing_scope", "link_disabled": "switched off",
	} {
		inSocketFailing(t, code, want)
	}
}

func inSocketFailing(t *testing.T, code, want string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := slacktest.New(slacktest.Options{Token: token, AppToken: appToken, BaseURL: "http://slack.example"})
		defer s.Close()
		c := onPipe(t, s, socket)
		if code != "link_disabled" {
			s.Fail("apps.connections.open", code)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Run(t.Context(), &channeltest.Inbox{}) }()
		if code == "link_disabled" {
			waitFor(t, s, "a socket is open", func() bool { return s.Sockets() == 1 })
			s.Disconnect(code)
		}
		if err := <-ended; err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), appToken) {
			t.Errorf("%s: %v", code, err)
		}
	})
}

// TestSocketElsewhere opens no socket at another host.
func TestSocketElsewhere(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"wss://evil.test/link", "ws://127.0.0.1:1/link", "", "wss://x.slack.example@evil.test/"} {
		c := open(t, socket+"\napi_base_url: "+fakeAnswer(t, `{"ok":true,"team_id":"T1","url":"`+address+`"}`))
		if err := c.Run(t.Context(), &channeltest.Inbox{}); err == nil || !strings.Contains(err.Error(), "not at the host") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestRunLearns asks who we are until Slack tells, and keeps to that workspace.
func TestRunLearns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := slacktest.New(slacktest.Options{Token: token})
		defer s.Close()
		c := onPipe(t, s, webhook)
		s.Fail("auth.test", "internal_error")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx, &channeltest.Inbox{}) }()
		waitFor(t, s, "it is told", func() bool { return len(s.Calls("auth.test")) == 2 })
		synctest.Wait()
		in := &channeltest.Inbox{}
		body := event(`"type":"message","text":"a"`)
		post(c.Inbound(in), strings.ReplaceAll(body, "T0AAA1", "T9"))
		post(c.Inbound(in), strings.ReplaceAll(body, "T0AAA1", slacktest.TeamID))
		if len(in.Posted()) != 1 {
			t.Errorf("%d messages", len(in.Posted()))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
