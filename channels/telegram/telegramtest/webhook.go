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

// telegramPause is the schedule of Telegram's own server.
func telegramPause(n int) time.Duration {
	if n <= 1 {
		return 0
	}
	return min(time.Minute, time.Second<<min(n-1, 10))
}
