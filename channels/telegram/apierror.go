package telegram

import (
	"errors"
	"regexp"
	"strconv"
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

// quoted is what a description repeats of the request.
var quoted = regexp.MustCompile(`"[^"]*"`)

const maxDescription = 200

// Error returns Telegram's words without what they quote of the message.
func (e *apiError) Error() string {
	text := quoted.ReplaceAllString(e.Description, `"…"`)
	if len(text) > maxDescription {
		text = strings.ToValidUTF8(text[:maxDescription], "") + "…"
	}
	return text
}

// is reports whether the description has these words. Telegram changes their case.
func (e *apiError) is(words string) bool {
	return strings.Contains(strings.ToLower(e.Description), strings.ToLower(words))
}

// meaning is what a description means for a part.
type meaning struct {
	words string
	class channels.SendClass
	code  string
}

// meanings are the descriptions that say more than the error_code, which Telegram's page
// warns of: it may change.
func meanings() []meaning {
	const gone, rejected = channels.SendGone, channels.SendRejected
	return []meaning{
		{"bot was blocked", gone, "bot_blocked"},
		{"user is deactivated", gone, "user_deactivated"},
		{"bot was kicked", gone, "bot_kicked"},
		{"bot is not a member", gone, "not_a_member"},
		{"group chat was deleted", gone, "group_deleted"},
		{"can't initiate conversation", gone, "never_started"},
		{"can't send messages to", gone, "bot_to_bot"},
		{"chat not found", gone, "chat_not_found"},
		{"PEER_ID_INVALID", gone, "chat_not_found"},
		{"message thread not found", gone, "topic_not_found"},
		{"TOPIC_DELETED", gone, "topic_not_found"},
		{"TOPIC_CLOSED", gone, "topic_closed"},
		{"not enough rights", gone, "no_rights"},
		{"have no rights", gone, "no_rights"},
		{"CHAT_WRITE_FORBIDDEN", gone, "no_rights"},
		{"need administrator rights", gone, "no_rights"},
		{"upgraded to a supergroup", gone, "migrated"},
		{"can't parse entities", rejected, "entities"},
		{"message is not modified", rejected, "not_modified"},
		{"is too long", rejected, "too_long"},
		{"MESSAGE_TOO_LONG", rejected, "too_long"},
		{"BUTTON_DATA_INVALID", rejected, "button_data"},
		{"message can't be edited", rejected, "not_editable"},
		{"message to edit not found", rejected, "not_editable"},
		{"no text in the message to edit", rejected, "not_editable"},
		{"TEXTDRAFT_PEER_INVALID", rejected, "no_drafts"},
		{"method not found", rejected, "no_method"},
		{"was immediately deleted", channels.SendUnknown, "deleted_at_once"},
	}
}

// sendError returns what the error means for a part.
func (e *apiError) sendError() *channels.SendError {
	s := &channels.SendError{Code: strconv.Itoa(e.Code), Err: e}
	for _, m := range meanings() {
		if e.is(m.words) {
			s.Class, s.Code = m.class, m.code
			return s
		}
	}
	switch {
	case e.Code == 401, e.Code == 404: // an unknown token is the one, a malformed one the other
		s.Class = channels.SendUnauthorized
	case e.Code == 403:
		s.Class = channels.SendGone
	case e.Code == 429:
		s.Class, s.RetryAfter = channels.SendThrottled, time.Duration(e.Parameters.RetryAfter)*time.Second
	case e.Code >= 500:
		s.Class = channels.SendUnavailable
	default:
		s.Class = channels.SendRejected
	}
	return s
}

// hasCode reports whether Telegram has refused a call with this code of ours.
func hasCode(err error, code string) bool {
	var e *channels.SendError
	return errors.As(err, &e) && e.Code == code
}
