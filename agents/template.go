package agents

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// Template makes the one name that an assistant knows a conversation by of the two that
// Manyvox knows: {channel}, the instance in credentials.yml, and {sender}.
type Template string

// SenderAlone is the Template of an assistant that knows senders by the names they have here.
const SenderAlone Template = senderPlaceholder

const (
	channelPlaceholder = "{channel}"
	senderPlaceholder  = "{sender}"
)

// placeholder matches anything that looks like a placeholder, so that a misspelt one is
// found at the start and not in the assistant's store.
var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// Validate reports a placeholder that there is not, and that {sender} is missing.
func (t Template) Validate() error {
	for _, h := range placeholder.FindAllString(string(t), -1) {
		if h != channelPlaceholder && h != senderPlaceholder {
			return fmt.Errorf("unknown placeholder %s: known are %s and %s", h, channelPlaceholder, senderPlaceholder)
		}
	}
	if !strings.Contains(string(t), senderPlaceholder) {
		return errors.New(`expected {sender} in it, as in "{channel}:{sender}"`)
	}
	return nil
}

// NamesChannel reports whether the channel is part of the name.
func (t Template) NamesChannel() bool { return strings.Contains(string(t), channelPlaceholder) }

// Fill returns the name of a conversation. It looks at the template only: a sender who writes "{channel}" stays as he is.
func (t Template) Fill(c channels.Conversation) string {
	return strings.NewReplacer(channelPlaceholder, c.Channel, senderPlaceholder, c.Sender).Replace(string(t))
}

// Sender is what Fill made a name of: the sender of a channel that the assistant knows by name. It
// reports false where the channel has no such sender.
func (t Template) Sender(channel, name string) (sender string, ok bool) {
	before, _, _ := strings.Cut(string(t), senderPlaceholder)
	prefix := strings.ReplaceAll(before, channelPlaceholder, channel)
	times := strings.Count(string(t), senderPlaceholder)
	length := len(name) - len(t.Fill(channels.Conversation{Channel: channel}))
	if times == 0 || length <= 0 || length%times != 0 || !strings.HasPrefix(name, prefix) {
		return "", false
	}
	sender = name[len(prefix):][:length/times]
	return sender, t.Fill(channels.Conversation{Channel: channel, Sender: sender}) == name
}
