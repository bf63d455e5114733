package openai

import (
	"errors"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// maxSpenders is how many senders' spendings are kept at least, those seen last. A sender that
// is given up begins anew.
const maxSpenders = 50_000

// Budget bounds what one sender may ask of the model on one day, in UTC. Zero is no bound.
type Budget struct {
	// Messages is how many messages the model answers.
	Messages int `yaml:"messages"`
	// Tokens is how many tokens they may cost, both ways. The message that goes over it is
	// still answered.
	Tokens int64 `yaml:"tokens"`
	// Reply is what a sender is told whose budget is used up.
	Reply string `yaml:"reply"`
}

func (b Budget) validate() error {
	switch {
	case b.Messages < 0:
		return errors.New("budget.messages: expected 0 or more")
	case b.Tokens < 0:
		return errors.New("budget.tokens: expected 0 or more")
	case b.Reply == "":
		return errors.New("budget.reply: expected a sentence")
	}
	return nil
}

// spending is what a sender has asked for today.
type spending struct {
	messages int
	tokens   int64
}

// spendings are those of all senders on one day. They are kept in memory, in two generations, of
// which the older is dropped when the newer is full.
type spendings struct {
	limit Budget
	most  int // senders of a generation

	mu           sync.Mutex
	day          string
	newer, older map[channels.Conversation]spending
}

func newSpendings(limit Budget) *spendings { return &spendings{limit: limit, most: maxSpenders} }

// isUsedUp reports whether a sender's budget is.
func (s *spendings) isUsedUp(c channels.Conversation) bool {
	if s.limit.Messages == 0 && s.limit.Tokens == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	spent := s.of(c)
	return s.limit.Messages > 0 && spent.messages >= s.limit.Messages || s.limit.Tokens > 0 && spent.tokens >= s.limit.Tokens
}

// add adds what one message of a sender has cost.
func (s *spendings) add(c channels.Conversation, tokens int64) {
	if s.limit.Messages == 0 && s.limit.Tokens == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	spent := s.of(c)
	if len(s.newer) >= s.most {
		s.older, s.newer = s.newer, map[channels.Conversation]spending{}
	}
	s.newer[c] = spending{spent.messages + 1, spent.tokens + tokens}
}

// of returns a sender's spending of today. The lock is held.
func (s *spendings) of(c channels.Conversation) spending {
	if today := time.Now().UTC().Format(time.DateOnly); today != s.day {
		s.day, s.older, s.newer = today, nil, map[channels.Conversation]spending{}
	}
	if spent, ok := s.newer[c]; ok {
		return spent
	}
	return s.older[c]
}

// charactersPerToken is how long a token is, about, where a server counts none.
const charactersPerToken = 4

// cost returns the tokens of an answer to messages, as the server counts them or about.
func cost(messages []chatMessage, ans *answer) int64 {
	if ans.usage != (Usage{}) {
		return ans.usage.Prompt + ans.usage.Completion
	}
	length := ans.text.Len() + ans.called
	for _, m := range messages {
		length += len(m.text())
	}
	return int64(length / charactersPerToken)
}
