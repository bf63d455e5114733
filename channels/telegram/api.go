package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// params are the parameters of a call.
type params = channels.Params

// api calls the Bot API.
type api struct {
	channels.API
	token channels.Secret
}

// call makes one call, and decodes its result into what result points to. Its error is a
// *channels.SendError whose cause, where Telegram has answered, is an *apiError; or the end of ctx.
// No error holds the token.
// https://core.telegram.org/bots/api#making-requests
func (a *api) call(ctx context.Context, method string, p params, result any) error {
	answer, err := a.Post(ctx, method, p)
	if err != nil {
		return err
	}
	told := struct {
		OK     bool `json:"ok"`
		Result any  `json:"result"`
		apiError
	}{Result: result}
	switch err := json.Unmarshal(answer.Body, &told); {
	case !told.OK && told.Code != 0:
		told.Description = strings.ReplaceAll(told.Description, a.token.Reveal(), "<secret>") // a server of one's own may echo it
		return told.sendError()
	case answer.Check() != nil: // a proxy's page
		return answer.Check()
	case err != nil || !told.OK:
		return &channels.SendError{Class: channels.SendUnknown, Err: errors.New("the answer is not one of the Bot API")}
	}
	return nil
}

// ask makes a call about the bot itself.
func (c *Channel) ask(ctx context.Context, method string, p params, result any) error {
	if err := c.api.call(ctx, method, p, result); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// call calls a method about a chat, that of a sender. When the group has become a supergroup,
// the call is made once more, with the new id.
func (c *Channel) call(ctx context.Context, sender, method string, p params, result any) error {
	chat, topic := splitSender(sender)
	if p["chat_id"] == nil {
		id, err := c.chatID(ctx, chat)
		if err != nil {
			return err
		}
		p["chat_id"] = id
		if topic != 0 {
			p["message_thread_id"] = topic
		}
	}
	err := c.api.call(ctx, method, p, result)
	var e *apiError
	if !errors.As(err, &e) || e.Parameters.MigrateToChatID == 0 || p["chat_id"] == e.Parameters.MigrateToChatID {
		return err
	}
	if _, err := c.aliases.Sender(ctx, senderOf(e.Parameters.MigrateToChatID, 0), chat); err != nil {
		c.log.Warn("the new id of a group is not kept", "error", err) // its next message says it again
	}
	p["chat_id"] = e.Parameters.MigrateToChatID
	return c.api.call(ctx, method, p, result)
}
