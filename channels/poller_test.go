package channels_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// fullOnce is an inbox that is full for the first message.
type fullOnce struct {
	channeltest.Inbox
	refused bool
}

func (f *fullOnce) Post(ctx context.Context, ms ...channels.Message) error {
	if !f.refused {
		f.refused = true
		return channels.Errorf(channels.CodeUnavailable, "full")
	}
	return f.Inbox.Post(ctx, ms...)
}

// The cursor moves behind what is stored, and is confirmed at the end.
func TestPoller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		defer end()
		var fetched, confirmed []int
		p := &channels.Poller[int]{
			Loop: channels.Loop{Log: slog.New(slog.DiscardHandler), Failed: "not fetched"},
			Fetch: func(_ context.Context, since int) (i channels.Incoming, next int, err error) {
				fetched = append(fetched, since)
				if since == 2 {
					end()
					return i, 9, classed(channels.SendUnavailable, 0)
				}
				i.Messages = []channels.Message{{Text: string(rune('a' + since))}}
				return i, since + 1, nil
			},
			Confirm: func(ctx context.Context, since int) error {
				confirmed = append(confirmed, since)
				return ctx.Err()
			},
		}
		in := &fullOnce{}
		if err := p.Run(ctx, in); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]int{0, 0, 1, 2}, fetched); diff != "" {
			t.Errorf("fetched (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]channels.Message{{Text: "a"}, {Text: "b"}}, in.Posted()); diff != "" || len(confirmed) != 1 || confirmed[0] != 2 {
			t.Errorf("confirmed %d, posted (-want +got):\n%s", confirmed, diff)
		}
	})
}

// Nothing is confirmed of which nothing is stored, and an error that does not pass is returned.
func TestPollerFails(t *testing.T) {
	t.Parallel()
	p := &channels.Poller[string]{
		Loop: channels.Loop{Log: slog.New(slog.DiscardHandler)},
		Fetch: func(context.Context, string) (channels.Incoming, string, error) {
			return channels.Incoming{}, "next", classed(channels.SendUnauthorized, 0)
		},
		Confirm: func(context.Context, string) error { t.Error("confirmed"); return nil },
	}
	if err := p.Run(t.Context(), &channeltest.Inbox{}); channels.AsSendError(err).Class != channels.SendUnauthorized {
		t.Errorf("%v", err)
	}
}
