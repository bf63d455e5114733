package rasa_test

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
	"github.com/manyvox/manyvox/agents/rasa"
	"github.com/manyvox/manyvox/channels"
)

const (
	token  = "s3cr3t&tok en"
	header = "b4sic-s3cr3t"
)

// harness is an agent under test and its log. No error and no log line of it may hold a
// secret.
type harness struct {
	agent *rasa.Agent
	log   bytes.Buffer
}

type change func(*rasa.Config)

func configured(address string, changes ...change) *rasa.Config {
	c := rasa.Type().New().(*rasa.Config)
	c.URL, c.Token = address, token
	c.Headers = map[string]channels.Secret{"X-Proxy-Auth": header}
	for _, change := range changes {
		change(c)
	}
	return c
}

func streaming(c *rasa.Config) { c.Stream = rasa.ModeAlways }

// onLoopback opens an agent of a fake behind a socket.
func onLoopback(t *testing.T, f *fake, changes ...change) *harness {
	h := &harness{}
	agent, err := configured(f.listen(t), changes...).Open(h.env())
	if err != nil {
		t.Fatal(err)
	}
	h.agent = agent.(*rasa.Agent)
	h.closeAfter(t)
	return h
}

// onPipes opens an agent of a fake within a synctest bubble.
func onPipes(t *testing.T, p *pipeListener, changes ...change) *harness {
	h := &harness{}
	h.agent = rasa.OpenOn(configured("http://rasa.test", changes...), h.env(), p.dial)
	h.closeAfter(t)
	return h
}

func (h *harness) env() agents.Env {
	log := slog.New(slog.NewTextHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return agents.Env{Log: log, Timeout: rasa.Type().Timeout}
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
	ctx, cancel := context.WithTimeout(t.Context(), rasa.Type().Timeout)
	defer cancel()
	return h.answer(ctx, t, agenttest.Turn("ann", "hi"), rec)
}

func (h *harness) answer(ctx context.Context, t *testing.T, turn agents.Turn, rec *agenttest.Recorder) error {
	t.Helper()
	err := h.agent.Answer(ctx, turn, rec)
	for e := err; e != nil; e = errors.Unwrap(e) {
		noSecret(t, "the error", fmt.Sprintf("%v %+v %#v", e, e, e))
	}
	return err
}

func noSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{token, url.QueryEscape(token), url.PathEscape(token), header} {
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
	if errors.Is(err, channels.ErrInvalid) {
		t.Errorf("error %v counts as the message's fault", err)
	}
}

// between reports whether a duration lies within two others.
func between(d, low, high time.Duration) bool { return low <= d && d <= high }
