package telegram

import (
	"context"
	"strconv"
	"strings"
)

// A group gets another id when it becomes a supergroup. Its conversation keeps the first.
// https://core.telegram.org/bots/api#responseparameters

// moveOf remembers that a group has moved, where a message says so: the last one of the old
// group or the first of the new.
func (t *taken) moveOf(m *message) {
	switch {
	case m.MovedTo != 0:
		t.moves = append(t.moves, [2]int64{m.Chat.ID, m.MovedTo})
	case m.MovedFrom != 0:
		t.moves = append(t.moves, [2]int64{m.MovedFrom, m.Chat.ID})
	}
}

// follow notes the groups that have moved, and gives the turns of groups their conversations.
func (c *Channel) follow(ctx context.Context, t *taken) error {
	aliases := c.aliases.Load()
	if aliases == nil {
		return nil
	}
	for _, m := range t.moves {
		if err := c.move(ctx, strconv.FormatInt(m[0], 10), m[1]); err != nil {
			return err
		}
	}
	for i := range t.Messages {
		chat, topic := splitSender(t.Messages[i].Sender)
		if !canMove(chat) {
			continue
		}
		first, err := (*aliases).Sender(ctx, chat)
		if err != nil {
			return err
		}
		t.Messages[i].Sender = senderOf(parseID(first), topic)
	}
	return nil
}

// move notes that a group has another id.
func (c *Channel) move(ctx context.Context, chat string, to int64) error {
	aliases := c.aliases.Load()
	if aliases == nil {
		return nil
	}
	_, err := (*aliases).Sender(ctx, strconv.FormatInt(to, 10), chat)
	return err
}

// chatID returns the chat_id of a chat: a number, that of a group as it is now, or a channel's
// @name.
func (c *Channel) chatID(ctx context.Context, chat string) (any, error) {
	if aliases := c.aliases.Load(); aliases != nil && canMove(chat) {
		ids, err := (*aliases).Ids(ctx, chat)
		if err != nil {
			return nil, err
		}
		chat = ids[0]
	}
	if id := parseID(chat); id != 0 {
		return id, nil
	}
	return chat, nil
}

// canMove reports whether a chat is a group: only their ids are negative.
func canMove(chat string) bool { return strings.HasPrefix(chat, "-") }
