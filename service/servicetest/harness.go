package servicetest

import (
	"cmp"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// Harness is a service in a synctest bubble whose channels chat and mail send to a fake
// platform.
type Harness struct {
	*Running
	*FakePlatform
	Journal journal.Journal
}

// ChatAndMail is the credentials.yml of a harness whose config has no channels.
const ChatAndMail = "chat: {type: platform}\nmail: {type: platform, on_failure: \"" + Private + "sorry\"}\n"

// JournalID is the id of a harness's journal, by which its cursors begin.
const JournalID = "0123456789abcdef"

// NewHarness starts a service. For what c leaves out it takes ChatAndMail, a journal in
// memory and the operator's token "operator". When the test ends it checks that no two parts of a
// conversation were sent at once, and that the log contains no text and no token.
func NewHarness(t *testing.T, p *FakePlatform, c service.Config) *Harness {
	t.Helper()
	if c.Channels == nil {
		c.Channels = Channels(t, ChatAndMail, p.Type())
	}
	if c.Journal == nil {
		c.Journal = memory.Open()
	}
	c.OperatorToken, c.Program = cmp.Or(c.OperatorToken, "operator"), cmp.Or(c.Program, JournalID)
	h := &Harness{InBubble(t, c, Timeout), p, c.Journal}
	t.Cleanup(func() {
		if h.overlaps > 0 && !h.AllowOverlap {
			t.Errorf("parts of one conversation were sent at once, %d times", h.overlaps)
		}
		for _, secret := range []string{Private, "operator"} {
			if log := h.Log.String(); strings.Contains(log, secret) {
				t.Errorf("the log contains %q: %s", secret, log)
			}
		}
	})
	synctest.Wait()
	return h
}

// Stop shuts the service down, closes the journal and returns how long the shutdown took.
func (h *Harness) Stop(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	h.Shutdown()
	if err := <-h.Served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	took := time.Since(began)
	h.HTTP1.CloseIdleConnections()
	if err := h.Journal.Close(); err != nil {
		t.Error(err)
	}
	return took
}

// Post stores one message for each text, in order. The text is the message's id too.
func (h *Harness) Post(t *testing.T, channel, sender string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := h.Inbox(t, channel).Post(t.Context(), NewMessage(sender, text)); err != nil {
			t.Errorf("post %s: %v", text, err)
		}
	}
	synctest.Wait()
}

// NewMessage returns a message whose id is its text.
func NewMessage(sender, text string) channels.Message {
	return channels.Message{ID: text, Sender: sender, Text: Private + text, Address: "room of " + sender}
}

// DeadLetters returns kind and text of each dead letter, in order.
func (h *Harness) DeadLetters(t *testing.T) (list []string) {
	t.Helper()
	letters, err := h.Journal.DeadLetters(context.Background(), "", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range letters {
		if d.Message != nil {
			list = append(list, d.Kind+" "+strings.TrimPrefix(d.Message.Text, Private))
		} else {
			list = append(list, d.Kind+" "+strings.TrimPrefix(d.Part.Reply.Text, Private))
		}
		if strings.Contains(d.Reason, Private) || d.Reason == "" {
			t.Errorf("the reason of a dead letter is %q", d.Reason)
		}
	}
	return list
}
