package turn

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/metrics"
)

// relay is the Replier between the agent and the caller. It expands each reply,
// completes a text that the agent gave only in pieces, and lets nothing through once
// the turn is over, whatever a goroutine of the agent may still try.
type relay struct {
	in *instance.Instance
	m  *channels.Message
	to channels.Replier
	// events takes the replies' events when they are written behind the answer. It is
	// nil where they are committed with the replies.
	events  *turnEvents
	metrics metrics.Turn
	breaker *breaker
	// agent is the one that the turn began with.
	agent *agentInUse
	// keepPlace keeps the turn's place taken when its call is left behind, until release.
	keepPlace func() (release func())
	// attempt counts the attempts at the message, this one included.
	attempt int
	// probe is the number of the breaker's probe, 0 of any other turn.
	probe int

	mu        sync.Mutex
	pending   strings.Builder // the pieces that no reply has completed yet
	format    channels.Format // of the pieces
	character string          // the bytes of a character whose rest is still to come
	shown     int             // replies that reached the caller
	size      int             // of the replies so far: see channels.MaxAnswer
	failed    error           // the caller's Replier would take no more
	over      bool
}

var errOver = errors.New("the turn is over")

// Reply expands r and hands its parts on.
func (t *relay) Reply(ctx context.Context, r channels.Reply) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ended(); err != nil {
		return err
	}
	return t.reply(ctx, r)
}

// reply is Reply without the lock. A reply completes the text in progress. One without a
// text does so by the pieces.
func (t *relay) reply(ctx context.Context, r channels.Reply) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.Validate(); err != nil {
		return fmt.Errorf("the agent gave a reply that cannot be shown: %w", err)
	}
	size := r.Size()
	if t.isTooLarge(size) {
		return t.failed
	}
	if r.Text == "" && t.pending.Len() > 0 {
		if err := t.reply(ctx, channels.Reply{Text: t.pending.String(), Format: t.format}); err != nil {
			return err
		}
	}
	r.RecipientID = t.m.Sender
	r.Text = strings.ToValidUTF8(r.Text, "\uFFFD") // as JSON has it; protobuf would fail
	parts := channels.Expand(r, t.in.Splits(r.Format))
	if len(parts) > 0 {
		t.said(parts...)
		if err := t.handed(handOn(ctx, t.to, parts)); err != nil {
			return err
		}
	}
	t.size += size
	t.pending.Reset()
	t.character = ""
	t.shown += len(parts)
	if t.events != nil && len(parts) > 0 {
		t.events.append(ctx, replyEvent(t.m, parts))
	}
	return nil
}

// saidNothing reports whether another agent may answer as if there had been none.
func (t *relay) saidNothing() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.shown == 0 && t.failed == nil && t.pending.Len() == 0
}

// isTooLarge reports whether a reply of that size is more than may be shown. The agent's
// turn fails with it then, also when the agent ignores the error.
func (t *relay) isTooLarge(size int) bool {
	if size <= channels.MaxReply && t.size+size <= channels.MaxAnswer {
		return false
	}
	t.failed = channels.ErrAnswerTooLarge
	return true
}

// said notes that the agent says something. A probe need not end for others to begin.
func (t *relay) said(parts ...channels.Reply) {
	t.metrics.Said(parts...)
	if t.probe != 0 {
		t.breaker.reached()
	}
}

// handOn gives the parts of one reply to a Replier.
func handOn(ctx context.Context, to channels.Replier, parts []channels.Reply) error {
	if g, ok := to.(channels.PartsReplier); ok {
		return g.Replies(ctx, parts)
	}
	for _, part := range parts {
		if err := to.Reply(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// Delta hands on a piece of text.
func (t *relay) Delta(ctx context.Context, text string) error {
	return t.DeltaIn(ctx, channels.FormatPlain, text)
}

// DeltaIn hands on a piece of text in a format. The first piece decides it.
func (t *relay) DeltaIn(ctx context.Context, f channels.Format, text string) error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("the agent gave a piece of text: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ended(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	text, t.character = wholeRunes(t.character + text)
	if text == "" {
		return nil
	}
	if t.isTooLarge(t.pending.Len() + len(text)) {
		return t.failed
	}
	t.said()
	if t.pending.Len() == 0 {
		t.format = f
	}
	t.pending.WriteString(text)
	return t.handed(channels.DeltaIn(ctx, t.to, t.format, text))
}

// handed takes the error of what was handed on. When the turn was stopped meanwhile, finish
// still completes the text in progress.
func (t *relay) handed(err error) error {
	if err != nil && !errors.Is(err, errStopped) {
		t.failed = err
	}
	return err
}

// ended returns why nothing more is let through, nil while it is.
func (t *relay) ended() error {
	if t.over {
		return errOver
	}
	return t.failed
}

// finish completes what the agent gave in pieces only. An agent that ignored the
// Replier's error has failed all the same.
func (t *relay) finish(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed != nil {
		return t.failed
	}
	if t.pending.Len() == 0 {
		return nil
	}
	return t.reply(ctx, channels.Reply{Text: t.pending.String(), Format: t.format})
}

// close lets nothing more through.
func (t *relay) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
}

// wholeRunes cuts off a character that is only begun: a model's pieces of text may
// end anywhere. What is no character becomes U+FFFD.
func wholeRunes(s string) (whole, begun string) {
	cut := len(s)
	for i := max(0, len(s)-utf8.UTFMax+1); i < len(s); i++ {
		if utf8.RuneStart(s[i]) && !utf8.FullRuneInString(s[i:]) {
			cut = i
			break
		}
	}
	return strings.ToValidUTF8(s[:cut], "\uFFFD"), s[cut:]
}

var (
	_ channels.Replier       = (*relay)(nil)
	_ channels.FormatReplier = (*relay)(nil)
)
