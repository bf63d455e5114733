package wire_test

import (
	"context"
	"strings"
	"testing"
)

// compareCallbacks compares the cases of the callback channel: the answers, and what is posted.
// They follow one another, since some share a conversation.
func (p *pair) compareCallbacks(t *testing.T, r *results, list []httpCase) {
	for _, c := range list {
		r.add(p, "callback/"+c.Name, func(s *server, sender string) answer { return p.post(t, s, &c, sender) })
	}
}

// post sends the request of a case to a server, and waits until the posts have come.
func (p *pair) post(t *testing.T, s *server, c *httpCase, sender string) answer {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conversation, before := c.conversation(sender), 0
	if c.Conversation != "" {
		_, before = p.tracked(ctx, t, conversation, 0)
	}
	s.posts.answer(conversation, c.Answers)
	res, text, ended, err := p.do(c.request(ctx, t, s.url, "callback", sender))
	if err != nil || !ended {
		t.Errorf("%s: %s: %v", c.Name, s.name, err)
		return nil
	}
	a := read(res, text, sender)
	p.pass(ctx, t, s, "callback", conversation)
	a[posts] = strings.Join(s.posts.until(ctx, t, conversation, barrierAnswer), "\n")
	recorded, _ := p.tracked(ctx, t, conversation, before)
	a[tracker] = strings.ReplaceAll(strings.Join(recorded, "\n"), sender, "$SENDER")
	return a
}
