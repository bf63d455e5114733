package openai_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

const (
	apiKey = "sk-s3cr3t-k3y"
	header = "h34der-s3cr3t"
	query  = "qu3ry s3cr3t&"
)

// harness is an agent under test and its log. No error and no log line of it may hold a
// secret.
type harness struct {
	agent *openai.Agent
	log   bytes.Buffer
}

type change func(*openai.Config)

func configured(address string, changes ...change) *openai.Config {
	c := openai.Type().New().(*openai.Config)
	c.BaseURL, c.APIKey, c.Model = address, apiKey, "m"
	c.Headers = map[string]channels.Secret{"X-Proxy-Auth": header}
	c.Query = map[string]channels.Secret{"q": query}
	for _, change := range changes {
		change(c)
	}
	return c
}

// onLoopback opens an agent of a fake behind a socket.
func onLoopback(t *testing.T, f *fake, changes ...change) *harness {
	h := &harness{}
	conf := configured(f.listen(t), changes...)
	if err := conf.Validate(); err != nil {
		t.Fatal(err)
	}
	agent, err := conf.Open(h.env())
	if err != nil {
		t.Fatal(err)
	}
	h.agent = agent.(*openai.Agent)
	h.closeAfter(t)
	return h
}

// onPipes opens an agent of a fake within a synctest bubble.
func onPipes(t *testing.T, p *pipeListener, changes ...change) *harness {
	h := &harness{}
	h.agent = openai.OpenOn(configured("http://model.test/v1", changes...), h.env(), p.dial)
	h.closeAfter(t)
	return h
}

func (h *harness) env() agents.Env {
	log := slog.New(slog.NewTextHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return agents.Env{Log: log, Timeout: openai.Type().Timeout}
}

func (h *harness) closeAfter(t *testing.T) {
	t.Cleanup(func() {
		if err := h.agent.Close(context.Background()); err != nil {
			t.Error(err)
		}
		noSecret(t, "the log", h.log.String())
	})
}

// ask answers one turn, bounded as the service bounds it.
func (h *harness) ask(t *testing.T, rec *agenttest.Recorder) error {
	t.Helper()
	turn := agenttest.Turn("ann", "hi")
	turn.Live = rec.Shows
	return h.answer(t, turn, rec)
}

func (h *harness) answer(t *testing.T, turn agents.Turn, rec *agenttest.Recorder) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), openai.Type().Timeout)
	defer cancel()
	err := h.agent.Answer(ctx, turn, rec)
	for e := err; e != nil; e = errors.Unwrap(e) {
		noSecret(t, "the error", fmt.Sprintf("%v %+v %#v", e, e, e))
	}
	return err
}

func noSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{apiKey, header, query, url.QueryEscape(query), url.PathEscape(query)} {
		if strings.Contains(text, secret) {
			t.Errorf("%s holds a secret: %s", where, text)
		}
	}
}

// expect compares an error with what a stranger may see of it.
func expect(t *testing.T, err error, code channels.Code, message string) {
	t.Helper()
	var e *channels.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v is no *channels.Error", err)
	}
	if e.Code != code || e.Message != message {
		t.Errorf("got %v %q, want %v %q", e.Code, e.Message, code, message)
	}
}

// record is a turn's history.
type record []channels.Event

func (r record) History(_ context.Context, n int) ([]channels.Event, error) {
	return r[max(0, len(r)-n):], nil
}

// user and assistant are events of a history.
func user(text string) channels.Event {
	return channels.Event{Kind: channels.EventMessage, Message: &channels.Message{Text: text}}
}

func assistant(texts ...string) channels.Event {
	e := channels.Event{Kind: channels.EventReply}
	for _, text := range texts {
		e.Replies = append(e.Replies, channels.Reply{Text: text})
	}
	return e
}

// between reports whether a duration lies within two others.
func between(d, low, high time.Duration) bool { return low <= d && d <= high }
