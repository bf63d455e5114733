package servicetest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Private begins the text of every message and every reply of these tests, so that they
// can check that no log line contains one.
const Private = "§"

// FakePlatform is where the channels of type "platform" send to. It records each call,
// and answers as OnSend says.
type FakePlatform struct {
	// OnSend is called for each call of Send. N counts the calls of the part, from 1.
	// Nil accepts all parts.
	OnSend func(ctx context.Context, p channels.Part, n int) error
	// OnFit is the channels' Fit. Nil leaves each part as it is.
	OnFit func(channels.Part) []channels.Part

	// AllowOverlap allows two calls for one conversation at once, as when one of them
	// was left behind. Otherwise they fail the test.
	AllowOverlap bool

	mu       sync.Mutex
	calls    []Call
	sends    map[string]int                 // by the id of the part
	sending  map[channels.Conversation]bool // a call is going on
	overlaps int
	inboxes  map[string]channels.Inbox // by the name of the channel
}

// Call is a call of Send, and how it ended.
type Call struct {
	Part channels.Part
	At   time.Time
	Err  error
}

// Type returns the channel type "platform".
func (p *FakePlatform) Type() channels.Type {
	return channels.Type{Name: "platform", New: func() channels.Config { return &fakeConfig{p} }}
}

// Channel returns a channel that sends to the platform, for types of a test's own.
func (p *FakePlatform) Channel(name string) *FakeChannel { return &FakeChannel{p, name} }

func (p *FakePlatform) setInbox(channel string, in channels.Inbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inboxes == nil {
		p.inboxes, p.sends, p.sending = map[string]channels.Inbox{}, map[string]int{}, map[channels.Conversation]bool{}
	}
	p.inboxes[channel] = in
}

// beginCall records a call. It returns how often the part was sent, this time included,
// and the index of the call.
func (p *FakePlatform) beginCall(part channels.Part) (n, i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	conversation := channels.Conversation{Channel: part.Channel, Sender: part.Sender}
	if p.sending[conversation] {
		p.overlaps++
	}
	p.sending[conversation] = true
	p.sends[part.ID]++
	p.calls = append(p.calls, Call{Part: part, At: time.Now(), Err: context.Canceled})
	return p.sends[part.ID], len(p.calls) - 1
}

func (p *FakePlatform) endCall(part channels.Part, i int, accepted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sending, channels.Conversation{Channel: part.Channel, Sender: part.Sender})
	if accepted {
		p.calls[i].Err = nil
	}
}

// Calls returns every call, in order.
func (p *FakePlatform) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// SendsByID returns how often each part was sent, by its id.
func (p *FakePlatform) SendsByID() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.sends)
}

// Accepted returns the texts of the parts of a conversation that the platform accepted,
// in order and without Private.
func (p *FakePlatform) Accepted(channel, sender string) (texts []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c.Err == nil && c.Part.Channel == channel && c.Part.Sender == sender {
			texts = append(texts, strings.TrimPrefix(c.Part.Reply.Text, Private))
		}
	}
	return texts
}

// Attempts returns when each call with the text "one" was made.
func (p *FakePlatform) Attempts() (at []time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c.Part.Reply.Text == Private+"one" {
			at = append(at, c.At)
		}
	}
	return at
}

// Inbox returns the inbox that the service gave to a channel.
func (p *FakePlatform) Inbox(t *testing.T, channel string) channels.Inbox {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	in := p.inboxes[channel]
	if in == nil {
		t.Fatalf("the service has not asked for the handler of %s", channel)
	}
	return in
}
