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
	channelHole = "{channel}"
	senderHole  = "{sender}"
)

// hole matches anything that looks like a placeholder, so that a misspelt one is
// found at the start and not in Rasa's tracker store.
var hole = regexp.MustCompile(`\{[^{}]*\}`)

func (t Template) validate() error {
	for _, h := range hole.FindAllString(string(t), -1) {
		if h != channelHole && h != senderHole {
			return fmt.Errorf("sender: unknown placeholder %s: known are %s and %s", h, channelHole, senderHole)
		}
	}
	if !strings.Contains(string(t), senderHole) {
		return errors.New(`sender: expected {sender} in it, as in "{channel}:{sender}"`)
	}
	return nil
}

func (t Template) tellsChannel() bool { return strings.Contains(string(t), channelHole) }

// fill looks at the template only: a sender who writes "{channel}" stays as he is.
func (t Template) fill(c channels.Conversation) string {
	return strings.NewReplacer(channelHole, c.Channel, senderHole, c.Sender).Replace(string(t))
}
