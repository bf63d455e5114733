package telegram

import (
	"context"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// A group gets another id when it becomes a supergroup. Its conversation keeps the first.
// https://core.telegram.org/bots/api#responseparameters

// idOf returns the id of a group, which may change, and the topic behind it.
func idOf(sender string) (id, topic string) {
	if !strings.HasPrefix(sender, "-") { // only the ids of groups are negative
		return "", ""
	}
	id, _, _ = strings.Cut(sender, ":")
	return id, sender[len(id):]
}

// moveOf remembers that a group has moved, where a message says so: the last one of the old
// group or the first of the new.
func (t *taken) moveOf(m *message) {
	switch {
	case m.MovedTo != 0:
		t.Same = append(t.Same, []string{senderOf(m.MovedTo, 0), senderOf(m.Chat.ID, 0)})
	case m.MovedFrom != 0:
		t.Same = append(t.Same, []string{senderOf(m.Chat.ID, 0), senderOf(m.MovedFrom, 0)})
	}
}

// chatID returns the chat_id of a chat: a number, that of a group as it is now, or a channel's
// @name. Its error is a *channels.SendError of class unavailable: nothing was sent.
func (c *Channel) chatID(ctx context.Context, chat string) (any, error) {
	if group, _ := idOf(chat); group != "" {
		ids, err := c.aliases.Ids(ctx, group)
		if err != nil {
			return nil, &channels.SendError{Class: channels.SendUnavailable, Err: err}
		}
		chat = ids[0]
	}
	if id := parseID(chat); id != 0 {
		return id, nil
	}
	return chat, nil
}
