package slacktest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// slackGrace is how long an app may take to answer.
const slackGrace = 3 * time.Second

// Why a delivery failed, as x-slack-retry-reason has it.
const (
	httpTimeout      = "http_timeout"
	httpError        = "http_error"
	connectionFailed = "connection_failed"
	manyRedirects    = "too_many_redirects"
)

const formType = "application/x-www-form-urlencoded"

var errRedirects = errors.New("too many redirects")

// redirect follows two redirects.
func redirect(_ *http.Request, via []*http.Request) error {
	if len(via) > 2 {
		return errRedirects
	}
	return nil
}

// encode returns a delivery as the body of a request: an event as JSON, the others as a form.
func (d *delivery) encode() (contentType string, body []byte) {
	form := url.Values{}
	switch d.kind {
	case kindEvent:
		return "application/json", d.body
	case kindInteractive:
		form.Set("payload", string(d.body))
	default:
		for name, value := range d.payload {
			form.Set(name, fmt.Sprint(value))
		}
	}
	return formType, []byte(form.Encode())
}

// post delivers by HTTP. It returns what is wrong, or the body of the answer.
func (s *Server) post(d *delivery, n int, reason string) (problem string, body []byte, final bool) {
	contentType, data := d.encode()
	header := http.Header{}
	if n > 0 { // the first try has neither header
		header.Set("X-Slack-Retry-Num", strconv.Itoa(n))
		header.Set("X-Slack-Retry-Reason", reason)
	}
	s.mu.Lock()
	to := s.inbox.url
	s.mu.Unlock()
	told, err := s.request(s.ctx, to, contentType, data, header)
	switch {
	// A redirect that is not followed is an error of the client's, with the last answer.
	case errors.Is(err, errRedirects):
		return manyRedirects, nil, false
	case errors.Is(err, context.DeadlineExceeded):
		return httpTimeout, nil, false
	case err != nil:
		return connectionFailed, nil, false
	case told.status/100 != 2:
		return httpError, nil, told.final
	}
	return "", told.body, false
}

// reply is what an app answers.
type reply struct {
	status int
	final  bool // it wants no other try
	body   []byte
}

// request posts a signed body and reads the answer, all within the grace: an app that sends the
// headers in time and the rest late is late.
func (s *Server) request(ctx context.Context, to, contentType string, data []byte, header http.Header) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Grace)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(data))
	if err != nil {
		return reply{}, err
	}
	for name, values := range Sign(s.options.Secret, time.Now(), data) {
		header[name] = values
	}
	header.Set("Content-Type", contentType)
	header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	req.Header = header
	res, err := s.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return reply{status: res.StatusCode, final: res.Header.Get("X-Slack-No-Retry") == "1", body: body}, err
}

// CheckSSL sends what Slack checks the certificate of a command's address with, unsigned, and
// returns the status of the answer.
func (s *Server) CheckSSL(ctx context.Context, to string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader("token=fake&ssl_check=1"))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", formType)
	res, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode, nil
}

// SetRequestURL has the app delivered to by HTTP, once it has answered Slack's challenge there.
// https://docs.slack.dev/reference/events/url_verification
func (s *Server) SetRequestURL(ctx context.Context, to string) error {
	s.mu.Lock()
	challenge := s.id("challenge-")
	s.mu.Unlock()
	data, _ := json.Marshal(object{"token": "fake", "type": "url_verification", "challenge": challenge})
	told, err := s.request(ctx, to, "application/json", data, http.Header{})
	if err != nil {
		return fmt.Errorf("slacktest: your URL did not respond: %w", err)
	}
	// Slack takes the challenge as a text, in JSON and in a form.
	answer := strings.TrimSpace(string(told.body))
	var o struct{ Challenge string }
	if json.Unmarshal(told.body, &o) == nil && o.Challenge != "" {
		answer = o.Challenge
	} else if values, err := url.ParseQuery(answer); err == nil && values.Has("challenge") {
		answer = values.Get("challenge")
	}
	if told.status != http.StatusOK || answer != challenge {
		return fmt.Errorf("slacktest: your URL did not respond with the value of the challenge: %d %.100q", told.status, answer)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inbox.url, s.inbox.off = to, false
	s.change()
	return nil
}
