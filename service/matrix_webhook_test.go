package service_test

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/servicetest"
)

// webhookCaller speaks Rasa's REST route by net/http alone.
type webhookCaller struct {
	http *http.Client
	url  string
}

func dialWebhook(over servicetest.ClientOf) func(*testing.T, *servicetest.Running) caller {
	return func(_ *testing.T, h *servicetest.Running) caller { return &webhookCaller{over(h), h.URL} }
}

func (c *webhookCaller) call(ctx context.Context, m call, show func(event)) result {
	req, err := c.request(ctx, m)
	if err != nil {
		return result{failure: &failure{message: err.Error()}}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return result{failure: transportFailure(err)}
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode != http.StatusOK:
		return refusal(res)
	case m.stream:
		return lines(res.Body, show)
	}
	return array(res.Body)
}

func (c *webhookCaller) request(ctx context.Context, m call) (*http.Request, error) {
	body, err := channels.Marshal(struct { // unlike channels.Message it leaves out what is empty
		Sender       string                `json:"sender,omitempty"`
		Text         string                `json:"message"`
		InputChannel string                `json:"input_channel,omitempty"`
		Metadata     json.RawMessage       `json:"metadata,omitempty"`
		ID           string                `json:"message_id,omitempty"`
		Attachments  []channels.Attachment `json:"attachments,omitempty"`
	}{m.Sender, m.Text, m.InputChannel, m.Metadata, m.ID, m.Attachments})
	if err != nil {
		return nil, err
	}
	if m.gzip {
		body = gzipped(body)
	}
	url := c.url + "/webhooks/" + cmp.Or(m.Channel, "rest") + "/webhook"
	if m.stream {
		url += "?stream=true"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if m.gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	if m.token != "" {
		req.Header.Set("Authorization", "Bearer "+m.token)
	}
	return req, nil
}

func gzipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // a bytes.Buffer takes all
	_ = z.Close()
	return b.Bytes()
}

// transportFailure is a call that got no answer. When the client itself went away,
// that is all there is to know.
func transportFailure(err error) *failure {
	f := &failure{message: err.Error()}
	if errors.Is(err, context.Canceled) {
		f.name = channels.CodeCanceled.String()
	}
	return f
}

func refusal(res *http.Response) result {
	var body channels.ErrorBody
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		return result{failure: transportFailure(err)}
	}
	r := result{failure: &failure{
		http: res.StatusCode, name: body.Error.Code, message: body.Error.Message,
		retryAfter: res.Header.Get("Retry-After"),
	}}
	for _, reply := range body.Replies {
		line, err := channels.Marshal(reply)
		if err != nil {
			return result{failure: transportFailure(err)}
		}
		r.events = append(r.events, event{reply: string(line)})
	}
	return r
}

func array(body io.Reader) (r result) {
	var replies []json.RawMessage
	if err := json.NewDecoder(body).Decode(&replies); err != nil {
		return result{failure: transportFailure(err)}
	}
	for _, reply := range replies {
		r.events = append(r.events, event{reply: string(reply)})
	}
	return r
}

// lines reads one reply per line; a line with an error is the last.
func lines(body io.Reader, show func(event)) (r result) {
	in := bufio.NewReader(body)
	for {
		line, err := in.ReadBytes('\n')
		var last channels.ErrorBody
		switch {
		case errors.Is(err, io.EOF) && len(line) == 0:
			return r
		case err != nil:
			r.failure = transportFailure(err)
			return r
		case json.Unmarshal(line, &last) == nil && last.Error.Code != "":
			r.failure = &failure{name: last.Error.Code, message: last.Error.Message}
			return r
		}
		e := event{reply: string(bytes.TrimSuffix(line, []byte("\n")))}
		r.events = append(r.events, e)
		show(e)
	}
}

var _ caller = (*webhookCaller)(nil)
