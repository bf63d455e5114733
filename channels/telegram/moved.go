package telegram

import "context"

// A group gets another id when it becomes a supergroup. Its conversation keeps the first.
// https://core.telegram.org/bots/api#responseparameters

// moveOf remembers that a group has moved, where a message says so: the last one of the old
// group or the first of the new.
func (t *taken) moveOf(m *message) {
	switch {
	case m.MovedTo != 0:
		t.moves = append(t.moves, []string{senderOf(m.MovedTo, 0), senderOf(m.Chat.ID, 0)})
	case m.MovedFrom != 0:
		t.moves = append(t.moves, []string{senderOf(m.Chat.ID, 0), senderOf(m.MovedFrom, 0)})
	}
}

// follow notes the groups that have moved, and gives the turns of groups their conversations.
func (c *Channel) follow(ctx context.Context, t *taken) error {
	for _, ids := range t.moves {
		if _, err := c.aliases.Sender(ctx, ids...); err != nil {
			return err
		}
	}
	for i := range t.Messages {
		if !isGroup(t.Messages[i].Sender) {
			continue
		}
		chat, topic := splitSender(t.Messages[i].Sender)
		first, err := c.aliases.Sender(ctx, chat)
		if err != nil {
			return err
		}
		t.Messages[i].Sender = senderOf(parseID(first), topic)
	}
	return nil
}

// chatID returns the chat_id of a chat: a number, that of a group as it is now, or a channel's
// @name.
func (c *Channel) chatID(ctx context.Context, chat string) (any, error) {
	if isGroup(chat) {
		ids, err := c.aliases.Ids(ctx, chat)
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
