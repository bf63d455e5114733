package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// callTimeout bounds a call, uploads included.
const callTimeout = time.Minute

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
// *channels.SendError whose cause, where Slack has answered, is an *apiError; or the end of ctx.
func (a *api) call(ctx context.Context, method string, p params, v any) error {
	answer, err := a.Post(ctx, method, p)
	if err != nil {
		return err
	}
	return readAnswer(answer, v)
}

// ask is call for the methods that take no JSON. It returns the headers too.
func (a *api) ask(ctx context.Context, method string, form url.Values, v any) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Base+method, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, rejected("the address of the Web API cannot be used")
	}
	req.Header = a.Header.Clone()
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := a.Do(req)
	if err != nil {
		return nil, err
	}
	return answer.Header, readAnswer(answer, v)
}

// readAnswer reads the result of a call, or the error that Slack answers with, mostly with the
// status 200.
func readAnswer(answer *channels.Answer, v any) error {
	var told struct {
		OK bool `json:"ok"`
		apiError
	}
	switch {
	case json.Unmarshal(answer.Body, &told) != nil || !told.OK && told.Code == "": // a proxy's page
		return cmp.Or(answer.Check(), error(&channels.SendError{
			Class: channels.SendUnknown, Err: errors.New("the answer is not one of the Web API: is api_base_url right?"),
		}))
	case !told.OK:
		e := told.sendError()
		if e.Class == channels.SendThrottled {
			e.RetryAfter = channels.ReadRetryAfter(answer.Header)
		}
		return e
	case v != nil && json.Unmarshal(answer.Body, v) != nil:
		return &channels.SendError{Class: channels.SendUnknown, Err: errors.New("the answer is not as the Web API describes it")}
	}
	return nil
}

func rejected(why string) error {
	return &channels.SendError{Class: channels.SendRejected, Err: errors.New(why)}
}

// isNamed reports whether an address that Slack names, of a file, an upload, a socket or a
// response_url, is at Slack: at the host of api_base_url, or below it, and then encrypted. No
// other gets the token, or is called.
func (c *Channel) isNamed(u *url.URL) bool {
	ours, err := url.Parse(c.config.APIBaseURL)
	if err != nil || u.User != nil {
		return false
	}
	if u.Host == ours.Host {
		return true
	}
	below := "." + strings.TrimPrefix(ours.Hostname(), "www.")
	return (u.Scheme == "https" || u.Scheme == "wss") && strings.HasSuffix(u.Hostname(), below) && u.Port() == ""
}

// postNamed posts to an address that Slack has named, which is in no error and no log: to know
// it is to be allowed to post there.
func (c *Channel) postNamed(ctx context.Context, address, contentType string, body []byte) (*channels.Answer, error) {
	u, err := url.Parse(address)
	if err != nil || !c.isNamed(u) {
		return nil, rejected("Slack names an address that is not at the host of api_base_url")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(string(body)))
	if err != nil {
		return nil, rejected("Slack names no address")
	}
	req.Header.Set("Content-Type", contentType)
	return (&channels.API{Client: c.named}).Do(req)
}

// hidePath takes the path of an address that Slack has named out of the log.
func hidePath(record func(context.Context, channels.Exchange)) func(context.Context, channels.Exchange) {
	return func(ctx context.Context, e channels.Exchange) {
		host, _, _ := strings.Cut(e.Route, "/") // with the method before it
		e.Route = host + "/…"
		record(ctx, e)
	}
}
