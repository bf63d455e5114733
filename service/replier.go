package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// turn stands between the agent and the caller's Replier: it expands each reply,
// completes a text that the agent only gave in pieces, and lets nothing through
// once the turn is over, whatever a goroutine of the agent may still try.
type turn struct {
	s  *Service
	in *Instance
	m  *channels.Message
	to channels.Replier
	// noted says that the replies' events are written behind the answer; those of
	// other turns are committed with the replies.
	noted bool
	said  said

	mu      sync.Mutex
	pending strings.Builder // the pieces that no reply has completed yet
	begun   string          // the bytes of a character whose rest is still to come
	shown   int             // replies that reached the caller
	failed  error           // the caller's Replier would take no more
	over    bool
}

// grouper is a Replier that takes the parts of one reply of the agent's together.
type grouper interface {
	Replies(ctx context.Context, parts []channels.Reply) error
}

// isLive reports whether a Replier shows each reply as it comes.
func isLive(r channels.Replier) bool {
	live, ok := r.(channels.Live)
	return ok && live.Live()
}

var errOver = errors.New("the turn is over")

// Reply expands r and hands its parts on.
func (t *turn) Reply(ctx context.Context, r channels.Reply) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ended(); err != nil {
		return err
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
	t.begun = ""
	r.RecipientID = t.m.Sender
	r.Text = strings.ToValidUTF8(r.Text, "\uFFFD") // as JSON has it; protobuf would fail
	parts := channels.Expand(r, t.in.SplitParagraphs)
	if len(parts) == 0 {
		return nil
	}
	t.said.note(parts...)
	if t.failed = handOn(ctx, t.to, parts); t.failed != nil {
		return t.failed
	}
	t.shown += len(parts)
	if t.noted {
		t.s.scribe.note(ctx, replyEvent(t.m, parts))
	}
	return nil
}

// handOn gives the parts of one reply to a Replier.
func handOn(ctx context.Context, to channels.Replier, parts []channels.Reply) error {
	if g, ok := to.(grouper); ok {
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
func (t *turn) Delta(ctx context.Context, text string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ended(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	text, t.begun = wholeRunes(t.begun + text)
	if text == "" {
		return nil
	}
	t.said.note()
	t.pending.WriteString(text)
	t.failed = t.to.Delta(ctx, text)
	return t.failed
}

// ended returns why nothing more is let through, nil while it is.
func (t *turn) ended() error {
	if t.over {
		return errOver
	}
	return t.failed
}

// finish completes what the agent gave in pieces only. An agent that took no notice
// of the Replier's error has failed all the same.
func (t *turn) finish(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed != nil {
		return t.failed
	}
	if t.pending.Len() == 0 {
		return nil
	}
	return t.reply(ctx, channels.Reply{Text: t.pending.String()})
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

func (t *turn) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
}

// History returns the last n messages and replies of earlier turns.
func (t *turn) History(ctx context.Context, n int) ([]channels.Event, error) {
	if err := t.s.scribe.settle(ctx, t.m.Conversation()); err != nil {
		return nil, err
	}
	t.mu.Lock()
	own := 1 + t.shown
	t.mu.Unlock()
	events, err := t.s.journal.History(ctx, t.m.Conversation(), n+own)
	if err != nil {
		return nil, err
	}
	events = slices.DeleteFunc(events, func(e channels.Event) bool { return e.MessageID == t.m.ID })
	return events[max(0, len(events)-n):], nil
}

var (
	_ channels.Replier = (*turn)(nil)
	_ agents.Record    = (*turn)(nil)
)
