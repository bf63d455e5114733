package channels

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// API makes the calls of a platform's web API: each posts JSON, or a form when files go along,
// and reads the whole answer. It may be used concurrently.
type API struct {
	Client *Client
	// Base is the address before the method's name, such as "https://slack.com/api/". It may
	// hold a credential: no error quotes it.
	Base string
	// Header goes with each call, such as Authorization. Nil is none.
	Header http.Header
}

// Answer is what a platform has answered to a call, whatever its status says.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Check returns what CheckResponse says of the answer's status: nil for 2xx. A channel whose
// platform has error codes of its own reads those of the body first.
func (a *Answer) Check() error {
	return CheckResponse(&http.Response{StatusCode: a.Status, Header: a.Header})
}

// Post calls a method with parameters. Its error is a *SendError, as of Client.Do, or the end of
// ctx.
func (a *API) Post(ctx context.Context, method string, p Params) (*Answer, error) {
	body, contentType, err := p.Encode()
	if err != nil {
		return nil, &SendError{Class: SendRejected, Err: errors.New("a parameter is not JSON")}
	}
	return a.PostBody(ctx, a.Base+method, contentType, body)
}

// PostForm is Post for methods that take no JSON: the parameters are in the form of a web page.
func (a *API) PostForm(ctx context.Context, method string, form url.Values) (*Answer, error) {
	return a.PostBody(ctx, a.Base+method, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// PostBody posts a body to an address, which may be another than Base, such as one for an upload.
func (a *API) PostBody(ctx context.Context, address, contentType string, body []byte) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil { // it would quote the address
		return nil, &SendError{Class: SendRejected, Err: errors.New("the API's address cannot be used")}
	}
	if a.Header != nil {
		req.Header = a.Header.Clone()
	}
	req.Header.Set("Content-Type", contentType)
	return a.Do(req)
}

// Do makes a call that is no Post, and reads its answer.
func (a *API) Do(req *http.Request) (*Answer, error) {
	res, err := a.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err // of class unknown
	}
	return &Answer{res.StatusCode, res.Header, data}, nil
}
