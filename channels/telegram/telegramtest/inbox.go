package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
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

// telegramPause is the schedule of Telegram's own server.
func telegramPause(n int) time.Duration {
	if n <= 1 {
		return 0
	}
	return min(time.Minute, time.Second<<min(n-1, 10))
}

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

func (s *Server) setWebhook(a args) answer {
	s.allow(&a)
	s.inbox.url, s.inbox.secret = a.text("url"), a.text("secret_token")
	if s.inbox.url == "" {
		return s.deleteWebhook()
	}
	if s.inbox.poll != nil {
		s.inbox.poll()
	}
	s.deliver()
	return answer{OK: true, Result: true, Description: "Webhook was set"}
}

func (s *Server) deleteWebhook() answer {
	description := "Webhook was deleted"
	if s.inbox.url == "" {
		description = "Webhook is already deleted"
	}
	s.inbox.url, s.inbox.secret = "", ""
	return answer{OK: true, Result: true, Description: description}
}

// deliver starts the delivery of each chat whose updates wait for a webhook. The lock is held.
func (s *Server) deliver() {
	if s.inbox.url == "" || s.ctx.Err() != nil {
		return
	}
	for _, p := range s.inbox.order {
		q := s.inbox.queues[p.chat]
		if q == nil {
			q = &queue{}
			s.inbox.queues[p.chat] = q
		}
		if !q.busy {
			q.busy = true
			s.running.Go(func() { s.deliverChat(p.chat, q) })
		}
	}
}

// deliverChat delivers the updates of a chat until there are none.
func (s *Server) deliverChat(chat int64, q *queue) {
	for failures := 0; ; {
		s.mu.Lock()
		p, ok := s.inbox.first(chat)
		url, secret := s.inbox.url, s.inbox.secret
		if !ok || url == "" || s.ctx.Err() != nil {
			q.busy = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		problem, after := s.post(url, secret, p)
		if problem == "" {
			failures = 0
			continue
		}
		failures++
		s.mu.Lock()
		s.inbox.lastError = problem
		s.change()
		s.mu.Unlock()
		if after == 0 {
			after = s.options.Pause(failures)
		}
		select {
		case <-time.After(after):
		case <-s.ctx.Done():
		}
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

// post delivers one update, and returns what is wrong. The answer may be a call.
func (s *Server) post(url, secret string, p pending) (problem string, after time.Duration) {
	ctx, cancel := context.WithTimeout(s.ctx, s.options.Grace)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(p.body))
	if err != nil {
		return "bad webhook: " + err.Error(), 0
	}
	req.Header.Set("Content-Type", "application/json")
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return "Webhook connection closed", 0
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return "Read timeout expired", 0
	}
	if res.StatusCode/100 != 2 {
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return "Wrong response from the webhook: " + res.Status, time.Duration(seconds) * time.Second
	}
	s.mu.Lock()
	s.inbox.deliveries[p.id]++
	lost := s.options.Lose != nil && s.options.Lose(p.id, s.inbox.deliveries[p.id])
	if !lost {
		s.inbox.drop(p.id)
		delete(s.inbox.deliveries, p.id)
	}
	s.change()
	s.mu.Unlock()
	if lost {
		return "Webhook connection closed", 0
	}
	s.run(body)
	return "", 0
}

// run makes the call that a webhook has answered with.
func (s *Server) run(body []byte) {
	a := args{}
	if json.Unmarshal(body, &a.values) != nil {
		return
	}
	if method := a.text("method"); method != "" {
		delete(a.values, "method")
		s.call(method, a)
	}
}
