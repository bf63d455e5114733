package service_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A batch that is refused has a sender in the log where all of it is of one: the owner of a bot
// reads there whom to allow.
func TestChannelLogOfRefusedBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		platform := &servicetest.FakePlatform{}
		channel := &fetcher{FakeChannel: platform.Channel("mail"), run: func(ctx context.Context, in channels.Inbox) error {
			for _, senders := range [][]string{{"bob", "bob"}, {"bob", "cat"}} {
				var batch []channels.Message
				for id, sender := range senders {
					batch = append(batch, servicetest.NewMessage(sender, fmt.Sprint(id)))
				}
				if err := in.Post(ctx, batch...); !errors.Is(err, channels.ErrInvalid) {
					t.Errorf("%v: %v", senders, err)
				}
			}
			<-ctx.Done()
			return nil
		}}
		h := servicetest.NewHarness(t, platform, service.Config{
			Channels: servicetest.Channels(t, "mail: {type: fetcher, allow: [ann]}\n", channels.Type{Name: "fetcher", New: func() channels.Config { return channel }}),
			Agent:    servicetest.Echo(),
		})
		awaitLog(t, h.Running, "mail", "IN  0 REFUSED bob permission_denied", "IN  0 REFUSED permission_denied")
	})
}
