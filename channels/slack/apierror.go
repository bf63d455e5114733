package slack

import (
	"errors"
	"regexp"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// apiError is what the Web API answers instead of a result.
type apiError struct {
	// Code is one of Slack's error strings.
	Code string `json:"error"`
	// Needed is the scope that the token lacks, of missing_scope.
	Needed string `json:"needed"`
}

// errorString is how Slack's error strings look. Anything else is not repeated.
var errorString = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// Error returns Slack's word, and what to do about it where we know that.
func (e *apiError) Error() string {
	code := e.code()
	switch {
	case code == "missing_scope" && regexp.MustCompile(`^[a-z:._,]{1,100}$`).MatchString(e.Needed):
		return code + ": add " + e.Needed + " to the bot's scopes and install the app again"
	case code == "not_in_channel", code == "channel_not_found":
		return code + ": invite the app to the channel"
	case classOf(code) == channels.SendUnauthorized:
		return code + ": see the token on the app's page OAuth & Permissions"
	}
	return code
}

func (e *apiError) code() string {
	if !errorString.MatchString(e.Code) {
		return "unknown_error"
	}
	return e.Code
}

// sendError returns what the error means for a part.
func (e *apiError) sendError() *channels.SendError {
	return &channels.SendError{Class: classOf(e.code()), Code: e.code(), Err: e}
}

// classes are Slack's error strings that are no SendRejected.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
func classes() map[channels.SendClass]string {
	return map[channels.SendClass]string{
		channels.SendUnauthorized: `invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type
			missing_scope no_permission org_login_required team_access_not_granted two_factor_setup_required
			app_access_restricted access_denied`,
		channels.SendGone: `channel_not_found is_archived is_inactive not_in_channel user_not_found user_disabled
			messages_tab_disabled restricted_action cannot_reply_to_message message_not_found thread_not_found
			team_not_found cannot_dm_bot user_not_visible`,
		channels.SendThrottled:   "ratelimited rate_limited message_limit_exceeded",
		channels.SendUnavailable: `internal_error service_unavailable team_added_to_org external_channel_migrating`,
		// These may have done half of it.
		channels.SendUnknown: "fatal_error request_timeout",
	}
}

func classOf(code string) channels.SendClass {
	if strings.HasPrefix(code, "restricted_action") {
		return channels.SendGone
	}
	for class, codes := range classes() {
		for _, one := range strings.Fields(codes) {
			if one == code {
				return class
			}
		}
	}
	return channels.SendRejected
}

// hasCode reports whether Slack has refused a call with one of these error strings.
func hasCode(err error, codes ...string) bool {
	var e *apiError
	if !errors.As(err, &e) {
		return false
	}
	for _, code := range codes {
		if e.Code == code {
			return true
		}
	}
	return false
}
