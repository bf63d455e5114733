package wire_test

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
)

// compareREST compares the cases of the rest channel, and of what else the port serves. They
// follow one another, since some share a conversation.
func (p *pair) compareREST(t *testing.T, r *results, list []httpCase) {
	for _, c := range list {
		if !c.Hangs {
			p.compareAnswers(t, r, &c)
		}
	}
}

// compareHanging compares those for which Rasa leaves a stream open.
func (p *pair) compareHanging(t *testing.T, r *results, list []httpCase) {
	var all sync.WaitGroup
	defer all.Wait()
	for _, c := range list {
		if c.Hangs {
			all.Go(func() { p.compareAnswers(t, r, &c) })
		}
	}
}

func (p *pair) compareAnswers(t *testing.T, r *results, c *httpCase) {
	r.add(p, "rest/"+c.Name, func(s *server, sender string) answer {
		a := p.ask(t, s, c, sender)
		if c.Only != "" {
			return answer{c.Only: a[c.Only]}
		}
		return a
	})
}

// ask sends the request of a case to a server.
func (p *pair) ask(t *testing.T, s *server, c *httpCase, sender string) answer {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	before := 0
	if c.Conversation != "" && c.Conversation != unnamed {
		_, before = p.tracked(ctx, t, c.Conversation, 0)
	}
	asking := ctx
	if c.Hangs && s == &p.rasa {
		leave, stop := context.WithCancel(ctx)
		defer stop()
		asking = httptrace.WithClientTrace(leave, &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) {
				go func() { defer stop(); p.pass(ctx, t, s, "rest", sender) }()
			},
		})
	}
	res, text, ended, err := p.do(c.request(asking, t, s.url, "rest", sender))
	if err != nil {
		t.Errorf("%s: %s: %v", c.Name, s.name, err)
		return nil
	}
	a := answer{status: "none"}
	if res != nil {
		a = read(res, text, sender)
	}
	a[end] = "it ends"
	if !ended {
		a[end] = "it stays open"
	}
	if c.Conversation != unnamed {
		recorded, _ := p.tracked(ctx, t, c.conversation(sender), before)
		a[tracker] = strings.ReplaceAll(strings.Join(recorded, "\n"), sender, "$SENDER")
	}
	return a
}

// pass sends the barrier and returns once it is answered: what the sender wrote before has
// been worked on.
func (p *pair) pass(ctx context.Context, t *testing.T, s *server, channel, sender string) {
	c := httpCase{Name: "barrier", Body: barrierMessage}
	res, text, _, err := p.do(c.request(ctx, t, s.url, channel, sender))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("%s: the barrier: %v %s", s.name, err, text)
	}
}
