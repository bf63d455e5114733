package telegramtest

import (
	"context"
	"encoding/json"
	"time"
)

// inbox are the updates that the bot has not confirmed.
type inbox struct {
	next    int64
	queues  map[int64]*queue
	order   []pending       // by update_id, for getUpdates
	queries map[string]bool // callback queries, and whether they are answered
	url     string          // of the webhook
	secret  string          // of the webhook
	allowed map[string]bool // nil means Telegram's default
	poll    context.CancelFunc
	polls   int // numbers them

	lastError string
	// deliveries counts those of each update that were answered with 2xx.
	deliveries map[int64]int
}

type pending struct {
	id, chat int64
	body     []byte
}

// queue are the updates of one chat, which a webhook gets in order, one at a time.
type queue struct{ busy bool }

// queue adds an update and returns its id. The lock is held.
func (s *Server) queue(chat int64, u object) int64 {
	id := s.inbox.next
	s.inbox.next++
	for kind := range u {
		if s.inbox.allowed != nil && !s.inbox.allowed[kind] {
			return id
		}
	}
	u["update_id"] = id
	body, _ := json.Marshal(u)
	s.inbox.order = append(s.inbox.order, pending{id, chat, body})
	s.deliver()
	s.change()
	return id
}

// Push queues an update as it is, but for its update_id.
func (s *Server) Push(chat int64, u map[string]any) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chat(chat)
	return s.queue(chat, u)
}

func (i *inbox) pending() int { return len(i.order) }

// Polled reports whether somebody waits for updates.
func (s *Server) Polled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inbox.poll != nil
}

// Pending returns how many updates are not confirmed.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inbox.pending()
}

// confirm drops the updates below an id.
func (i *inbox) confirm(offset int64) {
	for len(i.order) > 0 && i.order[0].id < offset {
		i.order = i.order[1:]
	}
}

// maxWait is the longest that Telegram waits for an update.
const maxWait = 50 * time.Second

// getUpdates answers with what is there, or waits. A second caller ends the wait of the first.
func (s *Server) getUpdates(ctx context.Context, a args) answer {
	s.mu.Lock()
	if f := s.fault("getUpdates"); f != nil {
		s.mu.Unlock()
		return *f
	}
	if s.inbox.url != "" {
		s.mu.Unlock()
		return refuse(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	if s.inbox.poll != nil {
		s.inbox.poll()
	}
	s.inbox.polls++
	number := s.inbox.polls
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.inbox.poll = cancel
	s.allow(&a)
	s.inbox.confirm(a.number("offset"))
	s.change()
	s.mu.Unlock()

	wait := min(time.Duration(a.number("timeout"))*time.Second, maxWait)
	waiting, stop := context.WithTimeout(ctx, wait)
	defer stop()
	var found []json.RawMessage
	_ = s.Wait(waiting, func() bool {
		found = s.fetch(int(a.number("limit")))
		return len(found) > 0 || s.ctx.Err() != nil || wait == 0
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inbox.polls != number {
		return refuse(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
	}
	s.inbox.poll = nil
	return result(found)
}

func (s *Server) fetch(limit int) []json.RawMessage {
	if limit <= 0 || limit > 100 {
		limit = 100
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []json.RawMessage{}
	for _, p := range s.inbox.order {
		if len(found) < limit {
			found = append(found, p.body)
		}
	}
	return found
}

// allow keeps the kinds of updates that the bot wants.
func (s *Server) allow(a *args) {
	var names []string
	if !a.decode("allowed_updates", &names) {
		return // as before
	}
	s.inbox.allowed = nil
	if len(names) > 0 {
		s.inbox.allowed = map[string]bool{}
	}
	for _, name := range names {
		s.inbox.allowed[name] = true
	}
}

func (i *inbox) first(chat int64) (pending, bool) {
	for _, p := range i.order {
		if p.chat == chat {
			return p, true
		}
	}
	return pending{}, false
}

// drop takes an update out that was delivered. The lock is held.
func (i *inbox) drop(id int64) {
	for n, p := range i.order {
		if p.id == id {
			i.order = append(i.order[:n:n], i.order[n+1:]...)
			return
		}
	}
}
