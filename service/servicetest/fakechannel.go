package servicetest

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/manyvox/manyvox/channels"
)

type fakeConfig struct{ platform *FakePlatform }

func (*fakeConfig) Validate() error { return nil }

func (c *fakeConfig) Open(env channels.Env) (channels.Channel, error) {
	return c.platform.Channel(env.Name), nil
}

// FakeChannel is a channel that sends to a FakePlatform. Types that add a role embed it.
type FakeChannel struct {
	platform *FakePlatform
	name     string
}

// Inbound answers "ok" once a message is stored.
func (c *FakeChannel) Inbound(in channels.Inbox) http.Handler {
	c.platform.setInbox(c.name, in)
	return channels.Webhook{}.Handler(func(w http.ResponseWriter, r *http.Request, m channels.Message) {
		if err := in.Post(r.Context(), m); err != nil {
			channels.WriteError(w, err)
			return
		}
		_, _ = io.WriteString(w, "ok")
	})
}

// Fit calls OnFit.
func (c *FakeChannel) Fit(p channels.Part) []channels.Part {
	if c.platform.OnFit == nil {
		return []channels.Part{p}
	}
	return c.platform.OnFit(p)
}

// Send records the call and calls OnSend.
func (c *FakeChannel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	n, i := c.platform.beginCall(p)
	accepted := false // also when OnSend panics
	defer func() { c.platform.endCall(p, i, accepted) }()
	var err error
	if c.platform.OnSend != nil {
		err = c.platform.OnSend(ctx, p, n)
	}
	accepted = err == nil
	return channels.Receipt{Time: time.Now()}, err
}

var (
	_ channels.Sender = (*FakeChannel)(nil)
	_ channels.Fitter = (*FakeChannel)(nil)
)
