package servicetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
)

// StreamPlatform is a FakePlatform whose messages can grow. It refuses, throttles and counts
// as real ones do: a message that it does not know can't be edited, one that is edited too
// often or too late is refused, and pieces are added in the order in which they come.
type StreamPlatform struct {
	FakePlatform

	// Limits are those of the channels.
	Limits channels.Limits
	// EditEvery is how often a message may be added to. More is throttled.
	EditEvery time.Duration
	// EditFor is how long a message can be edited. 0 is for ever.
	EditFor time.Duration
	// ClosesButtons says that Close can add buttons.
	ClosesButtons bool
	// OnCall is called for each call but Send, before the platform does anything. When it
	// fails, the platform does nothing, unless the error is Taken.
	OnCall func(ctx context.Context, c LiveCall) error
	// OnTyping is called for each call of Typing.
	OnTyping func(ctx context.Context, m channels.Message) error

	mu       sync.Mutex
	live     []LiveCall
	messages []*ShownMessage
	typed    []time.Time
	inFlight int
	most     int // calls in flight at once
}

// LiveCall is a call of Open, Append or Close, which Call names in lower case.
type LiveCall struct {
	Call  string
	Part  channels.Part
	Piece string
	// N counts the calls of that name for the part, from 1.
	N   int
	At  time.Time
	Err error
}

// ShownMessage is a message as the platform shows it.
type ShownMessage struct {
	ID              string
	Channel, Sender string
	Part            string
	Text            string
	Buttons         int
	Open            bool // it can grow
	Posted          time.Time

	edited time.Time
}

// Taken is the error of a call that the platform has taken, although its answer was lost.
type Taken struct{ Err error }

func (e Taken) Error() string { return "taken: " + e.Err.Error() }

// Unwrap returns what the caller sees.
func (e Taken) Unwrap() error { return e.Err }

// Type returns the channel type "platform".
func (p *StreamPlatform) Type() channels.Type {
	return channels.Type{Name: "platform", New: func() channels.Config { return &streamConfig{p} }}
}

// NewStreamHarness starts a service as NewHarness does, whose channels are those of p.
func NewStreamHarness(t *testing.T, p *StreamPlatform, c service.Config) *Harness {
	t.Helper()
	if c.Channels == nil {
		c.Channels = Channels(t, ChatAndMail, p.Type())
	}
	return NewHarness(t, &p.FakePlatform, c)
}

// enter counts a call in. Leave must follow.
func (p *StreamPlatform) enter() (leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight++
	p.most = max(p.most, p.inFlight)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.inFlight--
	}
}

// call makes one call but Send: do is what the platform does.
func (p *StreamPlatform) call(ctx context.Context, c LiveCall, do func() error) error {
	defer p.enter()()
	i := p.begin(&c)
	var err error
	if p.OnCall != nil {
		err = p.OnCall(ctx, c)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if taken := (Taken{}); err == nil || errors.As(err, &taken) {
		if refused := do(); refused != nil {
			err = refused
		}
	}
	p.live[i].Err = err
	return err
}

// begin records a call and returns its index.
func (p *StreamPlatform) begin(c *LiveCall) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.At, c.N = time.Now(), 1
	for _, earlier := range p.live {
		if earlier.Call == c.Call && earlier.Part.ID == c.Part.ID {
			c.N++
		}
	}
	c.Err = errors.New("it has not returned")
	p.live = append(p.live, *c)
	c.Err = nil
	return len(p.live) - 1
}

// post adds a message. The lock is held.
func (p *StreamPlatform) post(part channels.Part, open bool) (id string) {
	m := &ShownMessage{
		ID: fmt.Sprint("m", len(p.messages)+1), Channel: part.Channel, Sender: part.Sender, Part: part.ID,
		Text: part.Reply.Text, Buttons: len(part.Reply.Buttons), Open: open, Posted: time.Now(), edited: time.Now(),
	}
	p.messages = append(p.messages, m)
	return m.ID
}

// find returns the message of a receipt, which is to be edited. The lock is held.
func (p *StreamPlatform) find(r channels.Receipt) (*ShownMessage, error) {
	for _, m := range p.messages {
		switch {
		case m.ID != r.ID:
		case p.EditFor > 0 && time.Since(m.Posted) > p.EditFor:
			return nil, &channels.SendError{Class: channels.SendRejected, Code: "too_late", Err: errors.New("it can't be edited any more")}
		default:
			return m, nil
		}
	}
	return nil, &channels.SendError{Class: channels.SendRejected, Code: "message_not_found", Err: errors.New("no such message")}
}

// add adds a piece to a message. The lock is held.
func (p *StreamPlatform) add(r channels.Receipt, piece string) error {
	m, err := p.find(r)
	if err != nil {
		return err
	}
	if wait := p.EditEvery - time.Since(m.edited); wait > 0 {
		return &channels.SendError{Class: channels.SendThrottled, RetryAfter: wait, Code: "429", Err: errors.New("too many edits")}
	}
	if !m.Open {
		return &channels.SendError{Class: channels.SendRejected, Code: "closed", Err: errors.New("it was closed")}
	}
	m.Text += piece
	m.edited = time.Now()
	return nil
}

// close ends a message. A piece that is the whole text replaces what is there. The lock is
// held.
func (p *StreamPlatform) close(part channels.Part, r channels.Receipt, piece string) error {
	m, err := p.find(r)
	if err != nil {
		return err
	}
	if piece == part.Reply.Text {
		m.Text = piece
	} else {
		m.Text += piece
	}
	m.Open, m.Buttons = false, len(part.Reply.Buttons)
	return nil
}

// Shown returns the texts of the messages of a conversation, in order and without Private.
// One that still grows ends with "…", and one with buttons with their number in brackets.
func (p *StreamPlatform) Shown(channel, sender string) (texts []string) {
	for _, m := range p.Messages(channel, sender) {
		text := strings.ReplaceAll(m.Text, Private, "")
		if m.Buttons > 0 {
			text += fmt.Sprintf("[%d]", m.Buttons)
		}
		if m.Open {
			text += "…"
		}
		texts = append(texts, text)
	}
	return texts
}

// Messages returns the messages of a conversation, in order.
func (p *StreamPlatform) Messages(channel, sender string) (list []ShownMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.messages {
		if m.Channel == channel && m.Sender == sender {
			list = append(list, *m)
		}
	}
	return list
}

// Live returns every call of a name, in order; an empty name stands for all.
func (p *StreamPlatform) Live(name string) (list []LiveCall) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.live {
		if name == "" || c.Call == name {
			list = append(list, c)
		}
	}
	return list
}

// Typed returns when each call of Typing was made.
func (p *StreamPlatform) Typed() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Time{}, p.typed...)
}

// Most returns how many calls were in flight at once.
func (p *StreamPlatform) Most() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.most
}
