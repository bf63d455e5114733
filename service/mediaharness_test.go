package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/servicetest"
)

// mediaChannel is a channel whose platform keeps the media "F1", "page" and "endless".
type mediaChannel struct{ *servicetest.FakeChannel }

func (mediaChannel) Fetch(_ context.Context, ref string) (channels.Medium, error) {
	switch ref {
	case "F1":
		return channels.Medium{ReadCloser: io.NopCloser(strings.NewReader("of F1")), MIME: "image/png", Name: "ä.png", Size: 5}, nil
	case "page":
		return channels.Medium{ReadCloser: io.NopCloser(strings.NewReader("<script>")), MIME: "text/html"}, nil
	case "endless":
		return channels.Medium{ReadCloser: io.NopCloser(zeros{})}, nil
	}
	return channels.Medium{}, channels.Errorf(channels.CodeNotFound, "the platform has no such file")
}

var _ channels.Media = mediaChannel{}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// mediaConfig opens a mediaChannel.
type mediaConfig struct{ platform *servicetest.FakePlatform }

func (*mediaConfig) Validate() error { return nil }

func (c *mediaConfig) Open(env channels.Env) (channels.Channel, error) {
	return mediaChannel{c.platform.Channel(env.Name)}, nil
}

// mediaAgent replies with the bytes of each attachment, and keeps the turns that it saw.
type mediaAgent struct {
	// fail is asked first; nil never fails.
	fail func(ctx context.Context, t agents.Turn) error

	mu    sync.Mutex
	turns []agents.Turn
}

func (a *mediaAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	a.mu.Lock()
	a.turns = append(a.turns, t)
	a.mu.Unlock()
	if a.fail != nil {
		if err := a.fail(ctx, t); err != nil {
			return err
		}
	}
	for _, attachment := range t.Message.Attachments {
		if attachment.Type == "unread" {
			continue
		}
		m, err := t.Open(ctx, attachment)
		if err != nil {
			return err
		}
		content, err := io.ReadAll(m)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("%s%s|%s|%d|%s", servicetest.Private, m.MIME, m.Name, m.Size, content)
		if err := r.Reply(ctx, channels.Reply{Text: text}); err != nil {
			return err
		}
	}
	return nil
}

func (a *mediaAgent) seen() []agents.Turn {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.turns)
}

// mediaHarness is a service with the channels mail (a platform that keeps its media), chat
// (one that keeps none) and rest.
type mediaHarness struct {
	*servicetest.Harness
	agent *mediaAgent
}

func newMediaHarness(t *testing.T, a *mediaAgent, p *servicetest.FakePlatform, j journal.Journal) mediaHarness {
	t.Helper()
	mail := channels.Type{Name: "mail", New: func() channels.Config { return &mediaConfig{p} }}
	links := instance.NewLinks("https://bot.example/x")
	links.UseKey("key")
	return mediaHarness{servicetest.NewHarness(t, p, service.Config{
		Channels: servicetest.Channels(t, "rest:\nmail:\nchat: {type: platform}\nguarded: {type: rest, token: t0ken}\n", p.Type(), mail),
		Agent:    a, Journal: j, Links: links,
	}), a}
}

// call sends a request and returns status and body of the answer.
func (h mediaHarness) call(t *testing.T, method, path, contentType, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	return servicetest.Do(t, h.HTTP1, req)
}

// upload uploads an image to a channel and returns its ref.
func (h mediaHarness) upload(t *testing.T, channel, content string) string {
	t.Helper()
	status, answer := h.call(t, http.MethodPost, "/webhooks/"+channel+"/media?name=a.png&token=t0ken", "image/png", content)
	var body struct{ Ref string }
	if err := json.Unmarshal([]byte(answer), &body); err != nil || status != http.StatusOK || body.Ref == "" {
		t.Fatalf("upload: status %d, %s", status, answer)
	}
	return body.Ref
}

// say posts a message to the webhook of a channel and checks status and a part of the answer.
func (h mediaHarness) say(t *testing.T, channel, body string, wantStatus int, want string) {
	t.Helper()
	status, answer := h.call(t, http.MethodPost, "/webhooks/"+channel+"/webhook", "application/json", body)
	if status != wantStatus || !strings.Contains(answer, want) {
		t.Errorf("%s: status %d, %s; want %d and %s", body, status, answer, wantStatus, want)
	}
}

// wantKept checks whether the journal keeps a medium of a channel.
func (h mediaHarness) wantKept(t *testing.T, channel, ref string, want bool) {
	t.Helper()
	m, err := h.Journal.Medium(t.Context(), channel, ref)
	if err != nil || (m != nil) != want {
		t.Errorf("the journal keeps %s: %v, error %v; want %v", ref, m != nil, err, want)
	}
}

// eachMediaHarness runs a test in a bubble with each journal; reopen starts the service again.
func eachMediaHarness(t *testing.T, test func(t *testing.T, h mediaHarness, reopen func() mediaHarness)) {
	t.Helper()
	eachJournal(t, func(t *testing.T, open func() journal.Journal) {
		a, p := &mediaAgent{}, &servicetest.FakePlatform{}
		h := newMediaHarness(t, a, p, open())
		test(t, h, func() mediaHarness {
			h.Stop(t)
			return newMediaHarness(t, a, p, open())
		})
	})
}
