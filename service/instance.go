package service

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Instance is a channel that is in use: one block of credentials.yml.
type Instance struct {
	// Name is the name in credentials.yml and in /webhooks/<name>/.
	Name string
	Type channels.Type
	// InputChannel is the name recorded with messages that bring none.
	InputChannel string
	// SplitParagraphs cuts texts at blank lines.
	SplitParagraphs bool
	// OnFailure is what the user is told when a message is given up; empty tells
	// nothing.
	OnFailure string
	// Rate is how many messages each sender may write; zero is no limit.
	Rate channels.Rate
	// Allow lists the senders that may write; nil lets everybody.
	Allow   []string
	Channel channels.Channel

	token        channels.Secret
	counters     counters
	gate         *gate
	rates        *rates // nil without any
	asked        sync.Once
	capabilities []string
	lastError    atomic.Pointer[string]
}

func instanceName(in *Instance) string { return in.Name }

// Capabilities returns what the channel can do, sorted: its roles and "rpc". The
// channel is asked once.
func (in *Instance) Capabilities() []string {
	in.asked.Do(func() { in.capabilities = Capabilities(in.Type, in.Channel) })
	return in.capabilities
}

// Capabilities returns what a channel of a type can do, sorted.
func Capabilities(t channels.Type, c channels.Channel) []string {
	var list []string
	add := func(has bool, name string) {
		if has {
			list = append(list, name)
		}
	}
	_, addresses := c.(channels.Addresser)
	_, guarded := c.(channels.Guarded)
	_, limited := c.(channels.Limited)
	_, runs := c.(channels.Runner)
	_, sends := c.(channels.Sender)
	_, mounts := c.(channels.Mounter)
	add(addresses, "address")
	add(c.Inbound(nil) != nil, "receive")
	add(limited, "limits")
	add(mounts, "mount")
	add(guarded, "token")
	add(runs, "run")
	add(sends, "send")
	add(t.RPC, "rpc")
	slices.Sort(list)
	return list
}

// Missing returns what the channel could have and does not, for `manyvox check`.
func (in *Instance) Missing() []string {
	var missing []string
	if g, ok := in.Channel.(channels.Guarded); ok && g.Guarded().Token == "" {
		missing = append(missing, cmp.Or(g.Guarded().Key, "token")+" (anyone may write)")
	}
	if i, ok := in.Channel.(channels.Incomplete); ok {
		missing = append(missing, i.Missing()...)
	}
	return missing
}

// Path is where the channel's messages come in: its own path, or that of its webhook.
func (in *Instance) Path() string {
	if m, ok := in.Channel.(channels.Mounter); ok {
		path, _ := m.Mount(nil)
		return path
	}
	return webhooksPath + in.Name + "/webhook"
}

// fit cuts a part by what the platform takes.
func (in *Instance) fit(p channels.Part) []channels.Part {
	if f, ok := in.Channel.(channels.Fitter); ok {
		return f.Fit(p)
	}
	return []channels.Part{p}
}

// window is how long the ids of the channel's messages are remembered.
func (in *Instance) window() time.Duration { return max(in.Type.Window, dedupeWindow) }

// failed remembers the channel's last error for Health.
func (in *Instance) failed(e *channels.Error) {
	s := e.Code.String() + ": " + e.Message
	in.lastError.Store(&s)
}

func (in *Instance) lastErrorText() string {
	if s := in.lastError.Load(); s != nil {
		return *s
	}
	return ""
}
