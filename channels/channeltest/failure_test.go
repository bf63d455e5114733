package channeltest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// classedBy changes the error of Send.
func classedBy(change func(*channels.SendError)) func(*messenger) {
	return func(m *messenger) {
		m.classed = func(err error) error {
			e := *channels.AsSendError(err)
			change(&e)
			return &e
		}
	}
}

func TestContractFindsFailuresTakenWrong(t *testing.T) {
	t.Parallel()
	as := func(from, to channels.SendClass) func(*messenger) {
		return classedBy(func(e *channels.SendError) {
			if e.Class == from {
				e.Class = to
			}
		})
	}
	const gone, down, lost = channels.SendGone, channels.SendUnavailable, channels.SendUnknown
	testFaults(t, classes, map[string]fault{
		"403 is our key":        {as(gone, channels.SendUnauthorized), "403: the error of Send"},
		"401 is the recipient":  {as(channels.SendUnauthorized, gone), "401: the error of Send"},
		"429 is never":          {as(channels.SendThrottled, channels.SendRejected), "429: the error of Send"},
		"500 is never":          {as(down, channels.SendRejected), "500: the error of Send"},
		"400 is later":          {as(channels.SendRejected, down), "400: the error of Send"},
		"broken off is unsent":  {as(lost, down), "an answer that breaks off"},
		"unreachable is unsure": {as(down, lost), "the platform cannot be reached"},
		"waits for no time":     {classedBy(func(e *channels.SendError) { e.RetryAfter = 0 }), "429: the error of Send"},
		"without codes":         {classedBy(func(e *channels.SendError) { e.Code = "" }), "400: the error of Send"},
		"shows its key while it grows": {func(m *messenger) {
			m.growing = func(p channels.Part) channels.Part {
				m.classed = func(error) error { return errors.New("key " + m.config.Key.Reveal()) }
				return p
			}
		}, "what Open tells or logs shows a secret"},
		"shows its key": {func(m *messenger) {
			m.classed = func(error) error { return errors.New("key " + m.config.Key.Reveal()) }
		}, "shows a secret"},
		"repeats the text": {func(m *messenger) {
			var said string
			m.body = func(p channels.Part) call { said = p.Reply.Text; return bodyOf(p) }
			m.classed = func(error) error { return errors.New("not sent: " + said) }
		}, "repeats the message's text"},
	})
}

// TestContractFindsSendThatHangs has a channel whose Send goes on when its context has ended.
func TestContractFindsSendThatHangs(t *testing.T) {
	t.Parallel()
	failed := channeltest.Failed(messengerType(func(m *messenger) { m.context = context.WithoutCancel }), good(), screened())
	if !slices.Contains(failed, classes) {
		t.Errorf("failed checks: %q", failed)
	}
}

// TestContractWantsEachClass names the classes that a Platform has no failure of.
func TestContractWantsEachClass(t *testing.T) {
	t.Parallel()
	p := screened()
	p.Failures = []channeltest.Failure{
		{Name: "slow down", Answer: channeltest.Answer(429, ""), Err: channels.SendError{Class: channels.SendThrottled, Code: "429"}},
	}
	err := channeltest.Check(classes, messengerType(func(*messenger) {}), good(), p)
	for _, want := range []string{"has the class gone", "has the class unauthorized", "slow down: a platform that throttles says for how long"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestContractFindsAnotherAddress(t *testing.T) {
	t.Parallel()
	testFaults(t, addressed, map[string]fault{
		"a constant for what grows": {func(m *messenger) {
			m.growing = func(p channels.Part) channels.Part {
				m.address = func() string { return "http://live.elsewhere.example" }
				return p
			}
		}, "it connects to live.elsewhere.example:80"},
		"a constant": {func(m *messenger) { m.address = func() string { return "http://api.elsewhere.example" } }, "it connects to api.elsewhere.example:80"},
	})
}
