package wire_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// httpCase is a request that both servers get. "$SENDER" in it is a sender that no other
// case has.
type httpCase struct {
	Name string `yaml:"name"`
	// Method is POST by default, Path the webhook of the channel that the file is about.
	Method string `yaml:"method"`
	Path   string `yaml:"path"`
	Query  string `yaml:"query"`
	// Headers are added. Content-Type is application/json by default, and absent when empty.
	Headers map[string]string `yaml:"headers"`
	// Body is the body as it is sent; Base64 is one that is no text.
	Body   string `yaml:"body"`
	Base64 string `yaml:"base64"`
	// Times writes "$TEXT" in the body as so many letters.
	Times int `yaml:"times"`
	// Encoding compresses the body, by gzip or deflate, and Chunked sends it without its length.
	Encoding string `yaml:"encoding"`
	Chunked  bool   `yaml:"chunked"`
	// Way is how the answer is asked for: collected, streamed, or both, which makes two cases of
	// it. Both is the default of a POST to the webhook of rest without a query.
	Way string `yaml:"way"`
	// Only names what is compared, where the rest is never the same. Default all.
	Only string `yaml:"only"`
	// Hangs says that Rasa leaves the stream open.
	Hangs bool `yaml:"hangs"`
	// Conversation is the sender that Rasa records, where it is not $SENDER; "-" is one that
	// Rasa's API cannot be asked for.
	Conversation string `yaml:"conversation"`
	// Answers are the statuses that the callback's posts are answered with, then 200.
	Answers []int `yaml:"answers"`
}

// unnamed is the conversation that Rasa's API cannot be asked for.
const unnamed = "-"

// collected and streamed are the ways to ask the rest channel.
const (
	collected = "collected"
	streamed  = "streamed"
)

// bothWays makes the cases of a file of the rest channel, whose names say how they ask.
func bothWays(list []httpCase) (all []httpCase) {
	for _, c := range list {
		if c.Way == "" && c.Method == "" && c.Path == "" && c.Query == "" {
			c.Way = "both"
		}
		name := c.Name
		if c.Way != streamed {
			c.Name = name + ", collected"
			if c.Way == "" {
				c.Name = name
			}
			once := c
			once.Hangs = false
			all = append(all, once)
		}
		if c.Way == "both" || c.Way == streamed {
			c.Name, c.Query = name+", streamed", "stream=true"
			all = append(all, c)
		}
	}
	return all
}

// request makes the request of a case for a server.
func (c *httpCase) request(ctx context.Context, t testing.TB, base, channel, sender string) *http.Request {
	t.Helper()
	text := fill(c.path(channel), sender)
	if c.Query != "" {
		text += "?" + fill(c.Query, sender)
	}
	u, err := url.Parse(base + text)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", c.Name, err))
	}
	method := c.Method
	if method == "" {
		method = http.MethodPost
	}
	payload := c.payload(t, sender)
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(payload))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", c.Name, err))
	}
	if c.Chunked {
		req.ContentLength, req.Body = -1, io.NopCloser(bytes.NewReader(payload))
	}
	req.Header.Set("User-Agent", "wire")
	if len(payload) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Encoding != "" {
		req.Header.Set("Content-Encoding", c.Encoding)
	}
	for name, value := range c.Headers {
		if value == "" {
			req.Header.Del(name)
			continue
		}
		req.Header.Set(name, value)
	}
	return req
}

func (c *httpCase) path(channel string) string {
	if c.Path == "" {
		return "/webhooks/" + channel + "/webhook"
	}
	return c.Path
}

func (c *httpCase) payload(t testing.TB, sender string) []byte {
	t.Helper()
	payload := []byte(strings.ReplaceAll(fill(c.Body, sender), "$TEXT", strings.Repeat("x", c.Times)))
	if c.Base64 != "" {
		var err error
		if payload, err = base64.StdEncoding.DecodeString(c.Base64); err != nil {
			panic(fmt.Sprintf("%s: %v", c.Name, err))
		}
		payload = []byte(fill(string(payload), sender))
	}
	var b bytes.Buffer
	var w io.WriteCloser
	switch c.Encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	default:
		return payload
	}
	_, _ = w.Write(payload) // to memory
	_ = w.Close()
	return b.Bytes()
}

// conversation returns the sender that Rasa records.
func (c *httpCase) conversation(sender string) string {
	if c.Conversation == "" {
		return sender
	}
	return c.Conversation
}

func fill(text, sender string) string { return strings.ReplaceAll(text, "$SENDER", sender) }

// headers are those that a client may depend on.
var headers = []string{
	"Content-Type", "Content-Encoding", "Allow", "Location", "WWW-Authenticate", "Retry-After",
}

// pageHeaders matter to a page, whose requests have an Origin.
var pageHeaders = []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods"}

// read makes the answer of a response whose body has been read. The sender becomes $SENDER
// again.
func read(res *http.Response, text, sender string) answer {
	a := answer{status: fmt.Sprint(res.StatusCode)}
	names := headers
	if res.Request.Header.Get("Origin") != "" {
		names = slices.Concat(headers, pageHeaders)
	}
	for _, name := range names {
		if value := res.Header.Get(name); value != "" {
			a[strings.ToLower(name)] = value
		}
	}
	if z, err := gzip.NewReader(strings.NewReader(text)); err == nil && res.Header.Get("Content-Encoding") == "gzip" {
		plain, _ := io.ReadAll(z) // half of it differs from the whole
		text = string(plain)
	}
	text = strings.ReplaceAll(text, sender, "$SENDER")
	if strings.Contains(res.Header.Get("Content-Type"), "stream") || strings.Contains(res.Header.Get("Content-Type"), "ndjson") {
		a[body] = canonicalLines(text)
		return a
	}
	a[body] = canonical(text)
	return a
}
