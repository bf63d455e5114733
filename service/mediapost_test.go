package service_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// Of several messages those whose media can be kept are stored, and a message whose upload
// is unknown is refused for good.
func TestPostWithMedia(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		message := func(id string, a channels.Attachment) channels.Message {
			m := servicetest.NewMessage("ann", id)
			m.Attachments = []channels.Attachment{a}
			return m
		}
		list := []channels.Message{
			message("1", channels.Attachment{Content: []byte("one")}),
			message("2", channels.Attachment{Ref: "upload-00000000000000000000000000000000"}),
			message("3", channels.Attachment{Content: []byte("three")}),
		}
		for range 2 { // a redelivery is the same
			if err := h.Inbox(t, "chat").Post(t.Context(), list...); !errors.Is(err, channels.ErrInvalid) {
				t.Errorf("error %v", err)
			}
			synctest.Wait()
		}
		if diff := cmp.Diff([]string{"||3|one", "||5|three"}, h.Accepted("chat", "ann")); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		if string(list[0].Attachments[0].Content) != "one" {
			t.Error("the channel's own message was changed")
		}
	})
}

// pollingChannel posts what it is given, as one that fetches its messages.
type pollingChannel struct {
	*servicetest.FakeChannel
	posts chan channels.Message
	errs  chan error
}

func (c pollingChannel) Inbound(channels.Inbox) http.Handler { return nil }

func (c pollingChannel) Run(ctx context.Context, in channels.Inbox) error {
	for {
		select {
		case m := <-c.posts:
			c.errs <- in.Post(ctx, m)
		case <-ctx.Done():
			return nil
		}
	}
}

type pollingConfig struct{ channel pollingChannel }

func (*pollingConfig) Validate() error { return nil }

func (c *pollingConfig) Open(channels.Env) (channels.Channel, error) { return c.channel, nil }

// A channel that polls does not stand still when a sender has its share of media: what is
// too much becomes a dead letter.
func TestPollWithMedia(t *testing.T) {
	t.Parallel()
	eachJournal(t, func(t *testing.T, open func() journal.Journal) {
		p := &servicetest.FakePlatform{}
		c := pollingChannel{p.Channel("poll"), make(chan channels.Message), make(chan error)}
		typ := channels.Type{Name: "poll", New: func() channels.Config { return &pollingConfig{c} }}
		h := servicetest.NewHarness(t, p, service.Config{
			Channels: servicetest.Channels(t, "poll:\n", typ), Journal: open(),
			Agent: agents.Func(func(ctx context.Context, _ agents.Turn, _ channels.Replier) error { <-ctx.Done(); return ctx.Err() }),
		})
		const share = 100
		for i := range share + 2 {
			m := servicetest.NewMessage("ann", fmt.Sprint(i))
			m.Attachments = []channels.Attachment{{Content: []byte("x")}}
			c.posts <- m
			if err := <-c.errs; err != nil {
				t.Fatalf("message %d: %v", i, err)
			}
		}
		if diff := cmp.Diff([]string{"refused 100", "refused 101"}, h.DeadLetters(t)); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		m := servicetest.NewMessage("bob", "0")
		m.Attachments = []channels.Attachment{{Content: []byte("x")}}
		c.posts <- m
		if err := <-c.errs; err != nil {
			t.Errorf("another sender: %v", err)
		}
		h.Shutdown()
	})
}

// Content comes by RPC too, and is kept no longer than its turn.
func TestContentByRPC(t *testing.T) {
	t.Parallel()
	eachMediaHarness(t, func(t *testing.T, h mediaHarness, _ func() mediaHarness) {
		client := manyvoxv1connect.NewChannelServiceClient(h.HTTP1, h.URL)
		ref := h.upload(t, "rest", "uploaded")
		req := &manyvoxv1.ReceiveRequest{Sender: "ann", MessageId: "1", Attachments: []*manyvoxv1.Attachment{
			{Content: []byte("\x00\xff"), Mime: "image/png"}, {Ref: ref},
		}}
		for range 2 {
			res, err := client.Receive(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%q", res.Replies[0].GetText()+"; "+res.Replies[1].GetText()); got != `"§image/png||2|\x00�; §image/png|a.png|8|uploaded"` {
				t.Errorf("replies %s", got)
			}
		}
		req.Attachments[0].Content = []byte("other")
		if _, err := client.Receive(t.Context(), req); connect.CodeOf(err) != connect.CodeAlreadyExists {
			t.Errorf("with other content: error %v", err)
		}
		req = &manyvoxv1.ReceiveRequest{Attachments: []*manyvoxv1.Attachment{{Ref: "x"}}}
		if _, err := client.Receive(t.Context(), req); connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("with an unknown ref: error %v", err)
		}
	})
}
