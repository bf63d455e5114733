package telegram

import (
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// apiError is what the Bot API answers instead of a result.
// https://core.telegram.org/bots/api#making-requests
type apiError struct {
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter      int   `json:"retry_after"`
		MigrateToChatID int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// Error returns Telegram's words without what they quote of the message.
func (e *apiError) Error() string { return channels.Unquoted(e.Description) }

// meanings are the descriptions that say more than the error_code, which Telegram's page
// warns of: it may change.
func meanings() []channels.Meaning {
	as := func(class channels.SendClass) func(words, code string, advice ...string) channels.Meaning {
		return func(words, code string, advice ...string) channels.Meaning {
			return channels.Meaning{Words: words, Class: class, Code: code, Advice: strings.Join(advice, "")}
		}
	}
	gone, rejected := as(channels.SendGone), as(channels.SendRejected)
	return []channels.Meaning{
		gone("bot was blocked", "bot_blocked"),
		gone("user is deactivated", "user_deactivated"),
		gone("bot was kicked", "bot_kicked"),
		gone("bot is not a member", "not_a_member"),
		gone("group chat was deleted", "group_deleted"),
		gone("can't initiate conversation", "never_started"),
		gone("can't send messages to", "bot_to_bot"),
		gone("chat not found|PEER_ID_INVALID", "chat_not_found"),
		gone("message thread not found|TOPIC_DELETED", "topic_not_found"),
		gone("TOPIC_CLOSED", "topic_closed"),
		gone("not enough rights|have no rights|CHAT_WRITE_FORBIDDEN|need administrator rights", "no_rights"),
		gone("upgraded to a supergroup", "migrated"),
		rejected("can't parse entities", "entities"),
		rejected("message is not modified", "not_modified"),
		rejected("is too long|MESSAGE_TOO_LONG", "too_long"),
		rejected("BUTTON_DATA_INVALID", "button_data"),
		rejected("message can't be edited|message to edit not found|no text in the message to edit", "not_editable"),
		rejected("TEXTDRAFT_PEER_INVALID", "no_drafts"),
		rejected("method not found", "no_method"),
		rejected("failed to get HTTP URL content|wrong type of the web page content|wrong file identifier/HTTP URL", "not_fetched"),
		rejected("file is too big", "too_big"),
		rejected("other getUpdates request", "", "another program fetches the updates of this bot, maybe a second Manyvox: ",
			"only one may; stop it, or give this one another bot"),
		rejected("webhook is active|terminated by setWebhook", "",
			"another program has set a webhook for this bot; it is taken away when this channel starts again"),
		rejected("bad webhook", "bad_webhook", "webhook_url is not an address that Telegram delivers to: it wants https, ",
			"a public host and port 443, 80, 88 or 8443"),
		as(channels.SendUnknown)("was immediately deleted", "deleted_at_once"),
		// A token that is malformed is not found.
		as(channels.SendUnauthorized)("unauthorized|not found", "", "access_token is not one that Telegram knows; @BotFather shows it"),
	}
}

// sendError returns what the error means for a part.
func (e *apiError) sendError() *channels.SendError {
	s := channels.AsSendError((&channels.Answer{Status: e.Code}).Check())
	if s.Err = e; s.Class == channels.SendThrottled {
		s.RetryAfter = time.Duration(e.Parameters.RetryAfter) * time.Second
	}
	return s.WithMeaning(e.Description, meanings()...)
}
