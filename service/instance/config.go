package instance

import (
	"cmp"
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/channellog"
)

// WebhooksPath is where the webhooks of all channels begin.
const WebhooksPath = "/webhooks/"

// DefaultSender is who writes where a message does not say, as in Rasa.
const DefaultSender = "default"

// minWindow is how long a message's id is remembered at least.
const minWindow = 48 * time.Hour

// Config is one block of credentials.yml, with the channel that it opened.
type Config struct {
	// Name is the name in credentials.yml and in /webhooks/<name>/.
	Name string
	Type channels.Type
	// InputChannel is the name recorded with messages that bring none.
	InputChannel string
	// SplitParagraphs cuts texts at blank lines, SplitMarkdown also those that are Markdown.
	SplitParagraphs, SplitMarkdown bool
	// OnFailure is what the user is told when a message is given up; empty tells
	// nothing.
	OnFailure string
	// Agent is the name of the agent that answers what no route matches; empty leaves it to the
	// default.
	Agent string
	// Rate is how many messages each sender may write; zero is no limit.
	Rate channels.Rate
	// Open exempts the channel from --auth-token: anyone may write.
	Open bool
	// Allow lists the senders that may write; nil lets everybody.
	Allow   []string
	Channel channels.Channel
	// Subscribers send for a channel that is open to RPC and has no Sender of its own; nil
	// where nothing is sent, as in `manyvox check`.
	Subscribers *Subscribers
	// Exchanges records what comes in and goes out. New makes one where there is none.
	Exchanges *channellog.Recorder
	// Block is what the channel was opened from; nil where it was made by hand.
	Block *config.Block

	mounted *mounted // nil before Mount
}

// Sends reports whether the channel can send, by itself or to those who subscribe.
func (c *Config) Sends() bool {
	_, sends := c.Channel.(channels.Sender)
	return sends || c.Type.RPC
}

// Sender returns who sends the channel's parts. The channel can send.
func (c *Config) Sender() channels.Sender {
	if s, ok := c.Channel.(channels.Sender); ok {
		return s
	}
	return c.Subscribers
}

// Addresser returns who knows a sender's address, nil when nobody does.
func (c *Config) Addresser() channels.Addresser {
	if _, sends := c.Channel.(channels.Sender); !sends && c.Type.RPC {
		return c.Subscribers
	}
	a, _ := c.Channel.(channels.Addresser)
	return a
}

// Fetches reports whether the channel fetches the media of its messages itself.
func (c *Config) Fetches() bool {
	_, fetches := c.Channel.(channels.Media)
	return fetches
}

// Chooses reports whether the channel's parts may have choices.
func (c *Config) Chooses() bool {
	chooser, ok := c.Channel.(channels.Chooser)
	return ok && chooser.Chooses()
}

// Splits reports whether texts of a format are cut at blank lines.
func (c *Config) Splits(f channels.Format) bool {
	if f == channels.FormatMarkdown {
		return c.SplitMarkdown
	}
	return c.SplitParagraphs
}

// Missing returns what the channel could have and does not, for `manyvox check`.
func (c *Config) Missing() []string {
	var missing []string
	if g, ok := c.Channel.(channels.Guarded); ok && g.Guarded().Token == "" {
		missing = append(missing, cmp.Or(g.Guarded().Key, "token"))
	}
	if i, ok := c.Channel.(channels.Incomplete); ok {
		missing = append(missing, i.Missing()...)
	}
	return missing
}

// Wrap puts file, line and channel before an error, as far as they are known.
func (c *Config) Wrap(err error) error {
	if c.Block == nil {
		return fmt.Errorf("channel %s: %w", c.Name, err)
	}
	return c.Block.Wrap(err)
}

// Window is how long the ids of the channel's messages are remembered.
func (c *Config) Window() time.Duration { return max(c.Type.Window, minWindow) }
