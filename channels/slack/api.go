package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
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
	if err != nil {
		return err
	}
	return readAnswer(answer, v)
}

// ask is call for the methods that take no JSON. It returns the headers too.
func (a *api) ask(ctx context.Context, method string, form url.Values, v any) (http.Header, error) {
	answer, err := a.PostForm(ctx, method, form)
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

func rejected(why string) error {
	return &channels.SendError{Class: channels.SendRejected, Err: errors.New(why)}
}

// checkNamed refuses an address, of an upload, a socket or a response_url, that is not Slack's.
func (c *Channel) checkNamed(address string) error {
	if channels.IsBelow(c.config.APIBaseURL, address) {
		return nil
	}
	return rejected("Slack names an address that is not at the host of api_base_url, nor below it")
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
