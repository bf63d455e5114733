package servicetest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
)

type streamConfig struct{ platform *StreamPlatform }

func (*streamConfig) Validate() error { return nil }

func (c *streamConfig) Open(env channels.Env) (channels.Channel, error) {
	return &StreamChannel{FakeChannel: c.platform.Channel(env.Name), to: c.platform}, nil
}

// StreamChannel is a channel that sends to a StreamPlatform.
type StreamChannel struct {
	*FakeChannel
	to *StreamPlatform
}

// Limits are the platform's.
func (c *StreamChannel) Limits() channels.Limits { return c.to.Limits }

// Send posts a complete message.
func (c *StreamChannel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	defer c.to.enter()()
	r, err := c.FakeChannel.Send(ctx, p)
	if err == nil {
		c.to.mu.Lock()
		defer c.to.mu.Unlock()
		r.ID = c.to.post(p, false)
	}
	return r, err
}

// Open posts a message that grows.
func (c *StreamChannel) Open(ctx context.Context, p channels.Part) (r channels.Receipt, err error) {
	err = c.to.call(ctx, LiveCall{Call: "open", Part: p}, func() error {
		r = channels.Receipt{ID: c.to.post(p, true), Time: time.Now()}
		return nil
	})
	return r, err
}

// Append adds a piece.
func (c *StreamChannel) Append(ctx context.Context, p channels.Part, r channels.Receipt, piece string) error {
	return c.to.call(ctx, LiveCall{Call: "append", Part: p, Piece: piece}, func() error { return c.to.add(r, piece) })
}

// Close ends a message.
func (c *StreamChannel) Close(ctx context.Context, p channels.Part, r channels.Receipt, piece string) (channels.Receipt, error) {
	return r, c.to.call(ctx, LiveCall{Call: "close", Part: p, Piece: piece}, func() error { return c.to.close(p, r, piece) })
}

// Closes reports ClosesButtons.
func (c *StreamChannel) Closes(channels.Part) bool { return c.to.ClosesButtons }

// Typing records the call.
func (c *StreamChannel) Typing(ctx context.Context, m channels.Message) error {
	c.to.mu.Lock()
	c.to.typed = append(c.to.typed, time.Now())
	c.to.mu.Unlock()
	if c.to.OnTyping == nil {
		return nil
	}
	return c.to.OnTyping(ctx, m)
}

var (
	_ channels.Streamer     = (*StreamChannel)(nil)
	_ channels.StreamCloser = (*StreamChannel)(nil)
	_ channels.Limited      = (*StreamChannel)(nil)
	_ channels.Typer        = (*StreamChannel)(nil)
)
