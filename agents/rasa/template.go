package rasa

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// Template makes the one name that Rasa knows a conversation by of the two that
// Manyvox knows: {channel}, the instance in credentials.yml, and {sender}.
type Template string

const (
	channelPlaceholder = "{channel}"
	senderPlaceholder  = "{sender}"
)

// placeholder matches anything that looks like a placeholder, so that a misspelt one is
// found at the start and not in Rasa's tracker store.
var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

func (t Template) validate() error {
	for _, h := range placeholder.FindAllString(string(t), -1) {
		if h != channelPlaceholder && h != senderPlaceholder {
			return fmt.Errorf("sender: unknown placeholder %s: known are %s and %s", h, channelPlaceholder, senderPlaceholder)
		}
	}
	if !strings.Contains(string(t), senderPlaceholder) {
		return errors.New(`sender: expected {sender} in it, as in "{channel}:{sender}"`)
	}
	return nil
}

func (t Template) namesChannel() bool { return strings.Contains(string(t), channelPlaceholder) }

// fill looks at the template only: a sender who writes "{channel}" stays as he is.
func (t Template) fill(c channels.Conversation) string {
	return strings.NewReplacer(channelPlaceholder, c.Channel, senderPlaceholder, c.Sender).Replace(string(t))
}
