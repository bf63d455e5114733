package agents

import "github.com/manyvox/manyvox/channels"

// Pusher is the role of an agent whose assistant may also speak when no user has asked: it posts
// what it says to /agents/<name>/messages. Its methods may be called concurrently.
type Pusher interface {
	// PushKey returns the key by which the assistant signs what it posts. Without one nothing
	// is taken.
	PushKey() channels.SigningKey
	// SenderOf returns the sender of a channel that the assistant knows by name, and false
	// where the channel can have none of that name.
	SenderOf(channel, name string) (sender string, ok bool)
}
