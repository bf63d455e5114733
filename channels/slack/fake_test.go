package slack_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
	"github.com/manyvox/manyvox/channels/slack/slacktest"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/servicetest"
)

const (
	appToken = "xapp-1-A-2-c"
	socket   = "slack_token: " + token + "\napp_token: " + appToken
)

// fake starts a Slack, and returns the address of its Web API.
func fake(t testing.TB, o slacktest.Options) (*slacktest.Server, string) {
	t.Helper()
	o.Token, o.AppToken, o.Secret = token, appToken, secret
	s := slacktest.New(o)
	server := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); server.Close() })
	return s, server.URL + "/api"
}

// onFake opens a channel on a fake in which Ina has written.
func onFake(t testing.TB, block string) (channel, *slacktest.Server) {
	t.Helper()
	s, address := fake(t, slacktest.Options{})
	return open(t, block+"\napi_base_url: "+address), s
}

// deliver sends a reply as the service does.
func deliver(t testing.TB, c channel, to channels.Part) (receipts []channels.Receipt, err error) {
	t.Helper()
	to.ID, to.Channel = "p1", "slack"
	for _, p := range c.Fit(to) {
		r, err := c.Send(t.Context(), p)
		if err != nil {
			return receipts, err
		}
		receipts = append(receipts, r)
	}
	return receipts, nil
}

// fakeAnswer starts a server that answers each call so.
func fakeAnswer(t testing.TB, body string) (address string) {
	t.Helper()
	server := httptest.NewServer(channeltest.Answer(200, body))
	t.Cleanup(server.Close)
	return server.URL + "/api"
}

// onPipe opens a channel that is connected to a fake within a synctest bubble.
func onPipe(t *testing.T, s *slacktest.Server, block string) channel {
	t.Helper()
	listener, dial := servicetest.NewPipeNetwork()
	server := &http.Server{Handler: s}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() { server.Close(); <-ended })
	b, err := config.Parse("credentials.yml", []byte(block+local), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := typ().New()
	if err := b.Decode(c); err != nil {
		t.Fatal(err)
	}
	opened, err := c.Open(channels.Env{
		Name: "slack", Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Dial: channels.DialFunc(dial), DialPublic: channels.DialFunc(dial),
		Record: func(context.Context, channels.Exchange) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	return opened.(channel)
}

// run runs a channel until the test ends.
func run(t *testing.T, c channel, in channels.Inbox) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, in) }()
	t.Cleanup(func() { cancel(); <-ended })
}
