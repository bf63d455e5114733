package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/manyvox/manyvox/channels"
)

// turn stands between the agent and the caller's Replier: it expands each reply,
// completes a text that the agent only gave in pieces, and lets nothing through
// once the turn is over, whatever a goroutine of the agent may still try.
type turn struct {
	m     *channels.Message
	to    channels.Replier
	split bool

	mu      sync.Mutex
	pending strings.Builder // the pieces that no reply has completed yet
	shown   int             // replies that reached the caller
	failed  error           // the caller's Replier would take no more
	over    bool
}

var errOver = errors.New("the turn is over")

// Reply expands r and hands its parts on.
func (t *turn) Reply(ctx context.Context, r channels.Reply) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return errOver
	}
	return t.reply(ctx, r)
}

func (t *turn) reply(ctx context.Context, r channels.Reply) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.Validate(); err != nil {
		return fmt.Errorf("the agent gave a reply that has no JSON form: %w", err)
	}
	t.pending.Reset()
	r.RecipientID = t.m.Sender
	for _, part := range channels.Expand(r, t.split) {
		if t.failed = t.to.Reply(ctx, part); t.failed != nil {
			return t.failed
		}
		t.shown++
	}
	return nil
}

// Delta hands on a piece of text.
func (t *turn) Delta(ctx context.Context, text string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return errOver
	}
	if err := ctx.Err(); err != nil || text == "" {
		return err
	}
	t.pending.WriteString(text)
	t.failed = t.to.Delta(ctx, text)
	return t.failed
}

// finish completes what the agent gave in pieces only.
func (t *turn) finish(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending.Len() == 0 {
		return nil
	}
	return t.reply(ctx, channels.Reply{Text: t.pending.String()})
}

func (t *turn) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
}

var _ channels.Replier = (*turn)(nil)
