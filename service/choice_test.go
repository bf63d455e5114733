package service_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// travelAgent asks where to at "hello", twice at "again", and repeats anything else.
func travelAgent(ctx context.Context, t agents.Turn, r channels.Replier) error {
	where := channels.Reply{Text: "Where to?", Image: "https://x/map.png", Buttons: []channels.Button{
		{Title: "Zürich", Payload: `/go{"to":"zrh"}`}, {Title: "Rome", Payload: `/go{"to":"rom"}`},
	}}
	switch t.Message.Text {
	case "hello":
		return r.Reply(ctx, where)
	case "again":
		more := channels.Reply{Text: "By?", Buttons: []channels.Button{{Title: "Train", Payload: "/train"}, {Title: "Ship", Payload: "/ship"}}}
		return errors.Join(r.Reply(ctx, where), r.Reply(ctx, more))
	}
	return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
}

// chat is a user of a platform without buttons.
type chat struct {
	*testing.T
	*servicetest.Running
	platform *servicetest.FakePlatform
	journal  journal.Journal
}

// newChat starts a service.
func newChat(t *testing.T, j journal.Journal, start func(*testing.T, service.Config) *servicetest.Running) *chat {
	t.Helper()
	p := &servicetest.FakePlatform{}
	r := start(t, service.Config{Journal: j, Channels: p.ChoosingChannels("sms"), Agent: agents.Func(travelAgent)})
	return &chat{t, r, p, j}
}

// says posts a message and returns once so many parts were sent and settled since; it
// returns their texts.
func (c *chat) says(id, text string, parts int) []string {
	c.Helper()
	before, settled := len(c.platform.Calls()), c.count(channels.EventSent)
	if err := c.platform.Inbox(c.T, "sms").Post(c.Context(), channels.Message{ID: id, Sender: "ann", Text: text}); err != nil {
		c.Fatal(err)
	}
	for {
		changed := c.journal.Changed()
		if c.count(channels.EventSent) >= settled+parts {
			break
		}
		select {
		case <-changed:
		case <-c.Context().Done():
			c.Fatal("the parts were not sent")
		}
	}
	var texts []string
	for _, call := range c.platform.Calls()[before:] {
		texts = append(texts, call.Part.Reply.Text+call.Part.Reply.Image)
	}
	return texts
}

// count returns how many events of a kind there are. Those of sent parts are there once
// they are settled.
func (c *chat) count(kind channels.EventKind) (n int) {
	c.Helper()
	for _, e := range servicetest.Events(c.T, c.journal) {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// want checks what the user is sent after a message.
func (c *chat) want(id, text string, parts ...string) {
	c.Helper()
	if diff := cmp.Diff(parts, c.says(id, text, len(parts))); diff != "" {
		c.Errorf("after %s, %q (-want +got):\n%s", id, text, diff)
	}
}

// stop ends the service and its journal.
func (c *chat) stop() {
	c.Helper()
	c.Shutdown()
	if err := errors.Join(<-c.Served, c.journal.Close()); err != nil {
		c.Error(err)
	}
}

const (
	where = "Where to?\n1. Zürich\n2. Rome"
	by    = "By?\n1. Train\n2. Ship"
	image = "https://x/map.png"
)

// choose plays a conversation in which the user answers by numbers, titles and keys, through
// a restart.
func choose(t *testing.T, open func() journal.Journal, start func(*testing.T, service.Config) *servicetest.Running) {
	c := newChat(t, open(), start)
	c.want("1", "2", "2") // nothing was asked
	c.want("2", "hello", where, image)
	c.want("3", " 2. ", `/go{"to":"rom"}`)
	c.want("4", "2", "2") // that was answered
	c.want("5", "hello", where, image)
	c.want("6", "zu\u0308RICH", `/go{"to":"zrh"}`)
	c.want("7", channels.ChoiceKey(`/go{"to":"rom"}`), `/go{"to":"rom"}`) // keys last
	c.want("8", "again", where, image, by)
	c.want("9", "Rome", "Rome") // was not the last
	c.want("10", "again", where, image, by)
	c.stop()

	c = newChat(t, open(), start)
	c.want("11", "2", "/ship")
	c.want("12", "hello", where, image)
	c.says("11", "2", 0) // a redelivery
	c.want("13", "1", `/go{"to":"zrh"}`)
	if n := c.count(channels.EventMessage); n != 13 {
		t.Errorf("%d messages had a turn, want 13: the redelivery none", n)
	}
	c.stop()
}

func TestChoices(t *testing.T) {
	t.Parallel()
	eachJournal(t, func(t *testing.T, open func() journal.Journal) {
		choose(t, open, func(t *testing.T, c service.Config) *servicetest.Running {
			t.Helper()
			return servicetest.InBubble(t, c, servicetest.Timeout)
		})
	})
}
