package service_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// growingChooser is a channel without buttons whose messages grow.
type growingChooser struct{ *servicetest.StreamChannel }

func (growingChooser) Chooses() bool { return true }

// slowAgent asks where to in pieces, and repeats anything but "hello".
func slowAgent(ctx context.Context, t agents.Turn, r channels.Replier) error {
	if t.Message.Text != "hello" {
		return r.Reply(ctx, channels.Reply{Text: t.Message.Text})
	}
	err := r.Delta(ctx, "Where ")
	time.Sleep(time.Minute) // it is shown meanwhile
	return errors.Join(err, r.Delta(ctx, "to?"), r.Reply(ctx, channels.Reply{Text: "Where to?", Buttons: []channels.Button{
		{Title: "Zürich", Payload: "/zrh"}, {Title: "Rome", Payload: "/rom"},
	}}))
}

// The choices under a message that grew are open once it is closed, not while it grows.
func TestChoicesOfAReplyThatGrew(t *testing.T) {
	t.Parallel()
	eachJournal(t, func(t *testing.T, open func() journal.Journal) {
		p := &servicetest.StreamPlatform{}
		p.OnFit = func(p channels.Part) []channels.Part { return []channels.Part{channels.ListChoices(p)} }
		opened, err := p.Type().New().Open(channels.Env{Name: "sms"})
		if err != nil {
			t.Fatal(err)
		}
		s := servicetest.NewStreamHarness(t, p, service.Config{Journal: open(), Agent: agents.Func(slowAgent), Channels: []*instance.Config{{
			Name: "sms", Type: channels.Type{Name: "platform"}, Channel: growingChooser{opened.(*servicetest.StreamChannel)},
		}}})
		post := func(text string) {
			t.Helper()
			if err := s.Inbox(t, "sms").Post(t.Context(), channels.Message{Sender: "ann", Text: text}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		post("hello")
		servicetest.Advance(5 * time.Second)
		if opened, closed := len(p.Live("open")), len(p.Live("close")); opened != 1 || closed != 0 {
			t.Errorf("while it grows %d messages are opened and %d closed", opened, closed)
		}
		post("2") // of what is not shown yet: it means nothing
		servicetest.Advance(2 * time.Minute)
		post("2")
		servicetest.Advance(time.Minute)
		want := []string{where, "2", "2"}
		if diff := cmp.Diff(want, p.Shown("sms", "ann")); diff != "" {
			t.Errorf("shown (-want +got):\n%s", diff)
		}
		post("hello")
		servicetest.Advance(2 * time.Minute)
		post("Rome")
		if diff := cmp.Diff(append(want, where, "/rom"), p.Shown("sms", "ann")); diff != "" {
			t.Errorf("shown (-want +got):\n%s", diff)
		}
	})
}
