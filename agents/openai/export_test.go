package openai

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// OpenOn opens the agent on a network of the test's own.
func OpenOn(c *Config, env agents.Env, dial func(context.Context, string, string) (net.Conn, error)) *Agent {
	a := c.open(env)
	a.client.Transport.(*http.Transport).DialContext = dial
	return a
}

// ReadEvents returns the data of all events of a stream, and the error at its end.
func ReadEvents(r io.Reader, limit int, hold func(int) error) (all []string, err error) {
	events := newEventReader(r, limit, hold)
	for {
		data, err := events.next()
		if err != nil {
			return all, err
		}
		all = append(all, string(data))
	}
}

// WithoutThoughts returns the pieces of a text that are shown.
func WithoutThoughts(pieces ...string) (shown []string) {
	var t thoughts
	for _, p := range pieces {
		shown = append(shown, t.pass(p))
	}
	return append(shown, t.rest())
}

// Spend has senders of a budget ask for a message each, with so many kept of a generation, and
// returns how many of them have nothing left.
func Spend(limit Budget, most int, senders ...string) (usedUp int) {
	s := newSpendings(limit)
	s.most = most
	for _, sender := range senders {
		s.add(channels.Conversation{Sender: sender}, 1)
	}
	for _, sender := range senders {
		if s.isUsedUp(channels.Conversation{Sender: sender}) {
			usedUp++
		}
	}
	return usedUp
}

// Fill fills a prompt.
func (p Prompt) Fill(t agents.Turn) string { return p.fill(t) }

// The limits.
const (
	MaxEvent    = maxEvent
	SmallAnswer = agents.SmallAnswer
	LargeTurns  = agents.MaxLargeAnswers
)

// ReadAnswer reads an answer with tools and gives it to a replier.
func ReadAnswer(ctx context.Context, r io.Reader, live bool, to channels.Replier) error {
	ans := &answer{
		replier: to, live: live, tools: true, hold: func(int) error { return nil }, ended: func() {},
		secrets: strings.NewReplacer(), log: slog.New(slog.DiscardHandler),
	}
	if err := ans.read(ctx, r); err != nil {
		return err
	}
	return ans.complete(ctx)
}

// ErrorPage returns what an error page is taken for, and what is kept of its words.
func ErrorPage(page []byte, secret string) (contextLength, contentFilter bool, cause error) {
	e := readErrorPage(page)
	return e.isContextLength(), e.isContentFilter(), e.cause(hiding([]string{secret}))
}
