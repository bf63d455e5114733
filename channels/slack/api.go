package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

type params = channels.Params

// api calls the Web API with one token. https://docs.slack.dev/apis/web-api
type api struct{ channels.API }

func newAPI(c *Config, token channels.Secret, client *channels.Client) *api {
	return &api{channels.API{
		Client: client, Base: strings.TrimSuffix(c.APIBaseURL, "/") + "/",
		Header: http.Header{"Authorization": {"Bearer " + token.Reveal()}},
	}}
}

// call makes a call and reads its result into v, which may be nil. Its error is a
// *channels.SendError whose Code is Slack's error string, where Slack has answered; or the end of
// ctx.
func (a *api) call(ctx context.Context, method string, p params, v any) error {
	answer, err := a.Post(ctx, method, p)
	return cmp.Or(err, readAnswer(answer, v))
}

// ask is call for the methods that take no JSON. It returns the headers too.
func (a *api) ask(ctx context.Context, method string, form url.Values, v any) (h http.Header, err error) {
	answer, err := a.PostForm(ctx, method, form)
	if err == nil {
		h = answer.Header
	}
	return h, cmp.Or(err, readAnswer(answer, v))
}

// readAnswer reads the result of a call, or the error that Slack answers with, mostly with the
// status 200. Answer is nil where there was none.
func readAnswer(answer *channels.Answer, v any) error {
	var told struct {
		OK bool `json:"ok"`
		apiError
	}
	switch {
	case answer == nil:
		return nil
	case json.Unmarshal(answer.Body, &told) != nil || !told.OK && told.Code == "": // a proxy's page
		return cmp.Or(answer.Check(), unknown("the answer is not one of the Web API: is api_base_url right?"))
	case !told.OK:
		return told.sendError(answer)
	case v != nil && json.Unmarshal(answer.Body, v) != nil:
		return unknown("the answer is not as the Web API describes it")
	}
	return nil
}

func unknown(why string) error {
	return &channels.SendError{Class: channels.SendUnknown, Err: errors.New(why)}
}

// checkNamed refuses an address, of an upload, a socket or a response_url, that is not Slack's.
func (c *Channel) checkNamed(address string) error {
	if channels.IsBelow(c.config.APIBaseURL, address) {
		return nil
	}
	return channels.Rejected("Slack names an address that is not at the host of api_base_url, nor below it")
}

// postNamed posts to an address that Slack has named. Who knows it may post there: it is in no
// error and no log.
func (c *Channel) postNamed(ctx context.Context, address, contentType string, body []byte) error {
	if err := c.checkNamed(address); err != nil {
		return err
	}
	answer, err := c.named.PostBody(ctx, address, contentType, body)
	if err != nil {
		return err
	}
	return answer.Check()
}

// apiError is what the Web API answers instead of a result: one of Slack's error strings, and of
// missing_scope what the token lacks.
type apiError struct {
	Code   string `json:"error"`
	Needed string `json:"needed"`
}

// word is how Slack's error strings and scopes look. Anything else is not repeated.
var word = regexp.MustCompile(`^[a-z][a-z0-9_.:,]{0,63}$`)

// meanings are those of the error strings that are no SendRejected.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
func meanings() []channels.Meaning {
	return []channels.Meaning{
		{Words: "not_in_channel|channel_not_found", Class: channels.SendGone, Advice: "invite the app to the channel"},
		{Words: "is_archived|is_inactive|user_not_found|user_disabled|messages_tab_disabled|restricted_action|message_not_found|" +
			"cannot_reply_to_message|thread_not_found|team_not_found|cannot_dm_bot", Class: channels.SendGone},
		{Words: "missing_scope", Class: channels.SendUnauthorized, Advice: "add it to the app's scopes and install the app again"},
		{Words: "invalid_auth|not_authed|account_inactive|token_revoked|token_expired|not_allowed_token_type|no_permission|" +
			"org_login_required|team_access_not_granted|two_factor_setup_required|app_access_restricted|access_denied|" +
			"user_removed_from_team|team_disabled", Class: channels.SendUnauthorized, Advice: "see the token on the app's page OAuth & Permissions"},
		{Words: "ratelimited|rate_limited|message_limit_exceeded", Class: channels.SendThrottled},
		{Words: "internal_error|service_unavailable|team_added_to_org|external_channel_migrating", Class: channels.SendUnavailable},
		{Words: "fatal_error|request_timeout", Class: channels.SendUnknown}, // half of it may be done
	}
}

// sendError returns what the error means for a part, and what to do about it.
func (e *apiError) sendError(answer *channels.Answer) error {
	code := e.Code
	if !word.MatchString(code) {
		code = "unknown_error"
	}
	text := code
	if word.MatchString(e.Needed) {
		text += ": " + e.Needed
	}
	s := channels.AsSendError(channels.Rejected(text)).WithMeaning(code, meanings()...)
	s.Code = code
	if s.Class == channels.SendThrottled {
		s.RetryAfter = channels.ReadRetryAfter(answer.Header)
	}
	return s
}
