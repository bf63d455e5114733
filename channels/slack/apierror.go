package slack

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// apiError is what the Web API answers instead of a result: one of Slack's error strings, and of
// missing_scope what the token lacks.
type apiError struct {
	Code   string `json:"error"`
	Needed string `json:"needed"`
}

// word is how Slack's error strings and scopes look. Anything else is not repeated.
var word = regexp.MustCompile(`^[a-z][a-z0-9_.:,]{0,63}$`)

// classes are the error strings that are no SendRejected.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
func classes() map[channels.SendClass]string {
	return map[channels.SendClass]string{
		channels.SendUnauthorized: `invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type
			missing_scope no_permission org_login_required team_access_not_granted two_factor_setup_required
			app_access_restricted access_denied user_removed_from_team team_disabled`,
		channels.SendGone: `channel_not_found is_archived is_inactive not_in_channel user_not_found user_disabled
			messages_tab_disabled restricted_action cannot_reply_to_message message_not_found thread_not_found
			team_not_found cannot_dm_bot`,
		channels.SendThrottled:   "ratelimited rate_limited message_limit_exceeded",
		channels.SendUnavailable: "internal_error service_unavailable team_added_to_org external_channel_migrating",
		channels.SendUnknown:     "fatal_error request_timeout", // half of it may be done
	}
}

// sendError returns what the error means for a part, and what to do about it.
func (e *apiError) sendError(answer *channels.Answer) error {
	s := &channels.SendError{Class: channels.SendRejected, Code: "unknown_error"}
	if word.MatchString(e.Code) {
		s.Code = e.Code
	}
	for class, codes := range classes() {
		if slices.Contains(strings.Fields(codes), s.Code) || class == channels.SendGone && strings.HasPrefix(s.Code, "restricted_action") {
			s.Class = class
		}
	}
	advice := ""
	switch {
	case s.Class == channels.SendThrottled:
		s.RetryAfter = channels.ReadRetryAfter(answer.Header)
	case s.Code == "missing_scope" && word.MatchString(e.Needed):
		advice = ": add " + e.Needed + " to the app's scopes and install it again"
	case s.Code == "not_in_channel" || s.Code == "channel_not_found":
		advice = ": invite the app to the channel"
	case s.Class == channels.SendUnauthorized:
		advice = ": see the token on the app's page OAuth & Permissions"
	}
	s.Err = errors.New(s.Code + advice)
	return s
}

// hasCode reports whether Slack has refused a call with one of these error strings.
func hasCode(err error, codes ...string) bool {
	return err != nil && slices.Contains(codes, channels.AsSendError(err).Code)
}
