package channeltest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// poster is a channel that posts its parts, and may do something wrong.
type poster struct {
	Token channels.Secret `yaml:"token"`
	// Leaks puts the token into its errors.
	Leaks bool `yaml:"leaks"`
	// Signs says that it verifies the header X-Key; Sloppy that it does not do so, Numbers
	// that each message gets another id, Nags that it answers 500 to what it does not know.
	Sloppy  bool `yaml:"sloppy"`
	Numbers bool `yaml:"numbers"`
	Nags    bool `yaml:"nags"`

	client *channels.Client
	taken  *int
}

func posterType(block string) channels.Type {
	n := 0
	return channels.Type{Name: "poster", Example: block, New: func() channels.Config { return &poster{taken: &n} }}
}

func (p *poster) Validate() error { return nil }

func (p *poster) Open(env channels.Env) (channels.Channel, error) {
	p.client = channels.NewClient(channels.ClientConfig{Dial: env.Dial})
	return p, nil
}

func (p *poster) Signed() bool { return true }

func (p *poster) Inbound(in channels.Inbox) http.Handler {
	return channels.Webhook{}.Handler(func(w http.ResponseWriter, r *http.Request, m channels.Message) {
		switch {
		case !p.Sloppy && r.Header.Get("X-Key") != "key":
			channels.WriteError(w, channels.Errorf(channels.CodeUnauthenticated, "X-Key is wrong"))
			return
		case m.Text == "unknown" && p.Nags:
			channels.WriteError(w, channels.Errorf(channels.CodeInternal, "what is that?"))
			return
		case m.Text == "unknown":
			return
		}
		if *p.taken++; p.Numbers {
			m.ID += strings.Repeat("x", *p.taken)
		}
		if err := in.Post(r.Context(), m); err != nil {
			channels.WriteError(w, err)
		}
	})
}

func (p *poster) Send(ctx context.Context, part channels.Part) (channels.Receipt, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://api.example/say?to="+part.Sender, strings.NewReader(part.Reply.Text))
	if err != nil {
		return channels.Receipt{}, err
	}
	res, err := p.client.Do(req)
	if err != nil {
		return channels.Receipt{}, err
	}
	defer res.Body.Close()
	if err := channels.CheckResponse(res); err != nil {
		e := channels.AsSendError(err)
		if p.Leaks {
			e.Err = errors.New(p.Token.Reveal())
		}
		return channels.Receipt{}, e
	}
	return channels.Receipt{ID: "m1"}, nil
}

func TestOutbound(t *testing.T) {
	t.Parallel()
	gone := &channels.SendError{Class: channels.SendGone, Code: "404"}
	hi := channels.Reply{Text: "hi"}
	channeltest.Outbound(t, posterType(""), "token: s3cr3t", []channeltest.Sent{
		{
			Name: "taken", Sender: "ann", Reply: hi, Calls: []string{"POST /say?to=ann hi"}, Receipt: "m1",
			Header: map[string]string{"Accept-Encoding": "gzip", "Authorization": ""},
		},
		{Name: "gone", Sender: "ann", Reply: hi, Calls: []string{"POST /say?to=ann hi"}, Answers: []http.HandlerFunc{channeltest.Answer(404, "")}, Err: gone},
	})
	for name, c := range map[string]struct {
		block string
		sent  channeltest.Sent
		want  string
	}{
		"another call":    {"", channeltest.Sent{Sender: "ann", Reply: hi, Calls: []string{"POST /say?to=bob hi"}, Receipt: "m1"}, "calls"},
		"another header":  {"", channeltest.Sent{Sender: "ann", Reply: hi, Calls: []string{"POST /say?to=ann hi"}, Receipt: "m1", Header: map[string]string{"X-Key": "a"}}, `call 1: header X-Key is "", want "a"`},
		"another receipt": {"", channeltest.Sent{Sender: "ann", Reply: hi, Calls: []string{"POST /say?to=ann hi"}, Receipt: "m2"}, "receipt"},
		"no error":        {"", channeltest.Sent{Sender: "ann", Reply: hi, Calls: []string{"POST /say?to=ann hi"}, Receipt: "m1", Err: gone}, "error"},
		"a secret": {
			"token: s3cr3t\nleaks: true",
			channeltest.Sent{Sender: "ann", Reply: hi, Calls: []string{"POST /say?to=ann hi"}, Answers: []http.HandlerFunc{channeltest.Answer(404, "")}, Err: gone},
			"secret",
		},
	} {
		if err := channeltest.RunSent(t.Context(), c.sent, posterType(""), c.block); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignedChecks(t *testing.T) {
	t.Parallel()
	good := channeltest.Case{Header: map[string]string{"X-Key": "key"}, Body: `{"sender":"ann","message":"hi","message_id":"1"}`}
	platform := channeltest.Platform{Ignored: map[string]string{"an unknown kind": `{"sender":"ann","message":"unknown"}`}}
	for _, c := range []struct{ check, block, want string }{
		{"refuses what is not signed", "", ""},
		{"refuses what is not signed", "sloppy: true", "without its headers"},
		{"knows a redelivery", "", ""},
		{"knows a redelivery", "numbers: true", "another message"},
		{"acknowledges what is no message", "", ""},
		{"acknowledges what is no message", "nags: true", "an unknown kind: status 500"},
	} {
		err := channeltest.Check(c.check, posterType(c.block), good, platform)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s, %q: %v", c.check, c.block, err)
		}
	}
	good.Body = `{"sender":"ann","message":"hi"}`
	if err := channeltest.Check("knows a redelivery", posterType(""), good, platform); err == nil || !strings.Contains(err.Error(), "no id") {
		t.Errorf("a message without an id: %v", err)
	}
}
