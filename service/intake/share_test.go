package intake_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
)

// stuck is an agent that answers nobody before release is closed.
func stuck(release <-chan struct{}) agents.Agent {
	return agents.Func(func(ctx context.Context, t agents.Turn, r channels.Replier) error {
		select {
		case <-release:
			return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

func smallInbox(perConversation, all int) instance.Limits {
	l := instance.DefaultLimits()
	l.InboxPerConversation, l.Inbox = perConversation, all
	return l
}

// One sender fills its conversation's share of the inbox, and takes no room of others.
// What is stored of a batch stays stored, and its redelivery is acknowledged.
func TestPostOverTheShareOfAConversation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: stuck(release), Limits: smallInbox(3, 100)})
		in := s.Inbox(t, "chat")
		var batch []channels.Message
		for i := range 5 {
			batch = append(batch, servicetest.NewMessage("flood", fmt.Sprint(i)))
		}
		batch = append(batch, servicetest.NewMessage("honest", "hello"))
		if err := in.Post(t.Context(), batch...); !errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("the batch: %v, want an error that makes the platform redeliver", err)
		}
		if err := in.Post(t.Context(), append(batch[:3:3], batch[5])...); err != nil {
			t.Errorf("a redelivery of what is stored: %v", err)
		}
		if err := in.Post(t.Context(), batch[3]); !errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("one more: %v", err)
		}
		s.CheckMetrics(t, `messages_refused_total{channel="chat",code="resource_exhausted"} 3`)
		close(release)
		servicetest.Advance(0)
		if diff := cmp.Diff([]string{"0", "1", "2"}, s.Accepted("chat", "flood")); diff != "" {
			t.Errorf("answered (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"hello"}, s.Accepted("chat", "honest")); diff != "" {
			t.Errorf("the other is answered (-want +got):\n%s", diff)
		}
		if err := in.Post(t.Context(), batch[3:5]...); err != nil {
			t.Errorf("once there is room: %v", err)
		}
	})
}

// A channel that has nine tenths of the inbox leaves the rest to others.
func TestPostOverTheShareOfAChannel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: stuck(release), Limits: smallInbox(100, 20)})
		stored := 0
		for i := range 30 {
			if s.Inbox(t, "chat").Post(t.Context(), servicetest.NewMessage(fmt.Sprint(i), "hello")) == nil {
				stored++
			}
		}
		if stored != 18 {
			t.Errorf("%d messages of one channel are stored, want 18 of 20", stored)
		}
		if err := s.Inbox(t, "mail").Post(t.Context(), servicetest.NewMessage("ann", "hello")); err != nil {
			t.Errorf("the other channel: %v", err)
		}
		redelivered := servicetest.NewMessage("0", "hello")
		if err := s.Inbox(t, "chat").Post(t.Context(), redelivered); err != nil {
			t.Errorf("a redelivery while the inbox is full: %v", err)
		}
	})
}

// A redelivery of what is stored is acknowledged, although its sender has written more
// than the rate.
func TestPostRedeliveryOverTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{}
		s := servicetest.NewHarness(t, p, service.Config{
			Agent: servicetest.Echo(), Channels: servicetest.Channels(t, "chat: {type: platform, rate: 1/1m}\n", p.Type()),
		})
		in := s.Inbox(t, "chat")
		one, two := servicetest.NewMessage("ann", "one"), servicetest.NewMessage("ann", "two")
		for i, c := range []struct {
			ms    []channels.Message
			taken bool
		}{
			{[]channels.Message{one}, true}, {[]channels.Message{two}, false},
			{[]channels.Message{one}, true}, {[]channels.Message{one, two}, false},
		} {
			if err := in.Post(t.Context(), c.ms...); (err == nil) != c.taken {
				t.Errorf("%d: %v", i, err)
			}
		}
		servicetest.Advance(time.Minute)
		if err := in.Post(t.Context(), one, two); err != nil {
			t.Errorf("after a minute: %v", err)
		}
		servicetest.Advance(0)
		if diff := cmp.Diff([]string{"one", "two"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("answered (-want +got):\n%s", diff)
		}
	})
}

// poller posts what it is handed by Run's inbox.
type poller struct {
	servicetest.FakeChannel
	posts chan []channels.Message
	errs  chan error
}

// Run posts until ctx ends.
func (p *poller) Run(ctx context.Context, in channels.Inbox) error {
	for {
		select {
		case ms := <-p.posts:
			p.errs <- in.Post(ctx, ms...)
		case <-ctx.Done():
			return nil
		}
	}
}

// A poller never stands still for one sender's share: what is over it is a dead letter.
func TestRunnerPostsOverTheShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		platform := &servicetest.FakePlatform{}
		p := &poller{FakeChannel: *platform.Channel("poll"), posts: make(chan []channels.Message), errs: make(chan error)}
		s := servicetest.NewHarness(t, platform, service.Config{
			Agent: stuck(release), Limits: smallInbox(2, 100),
			Channels: []*instance.Config{{Name: "poll", Type: channels.Type{Name: "poll"}, Channel: p}},
		})
		for _, texts := range [][]string{{"1", "2", "3"}, {"3", "4"}} {
			var ms []channels.Message
			for _, text := range texts {
				ms = append(ms, servicetest.NewMessage("flood", text))
			}
			p.posts <- ms
			if err := <-p.errs; err != nil {
				t.Errorf("Post of %q: %v", texts, err)
			}
		}
		if diff := cmp.Diff([]string{"refused 3", "refused 4"}, s.DeadLetters(t)); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		s.CheckMetrics(t, `dead_letters_total{channel="poll",kind="refused"} 2`)
	})
}
