package slacktest

import (
	"fmt"
	"net/http"
	"time"
)

// The ids of every Server: its app, its first workspace and the bot there, and the person whom
// the page writes as.
const (
	AppID   = "A0AAA1"
	TeamID  = "T0AAA1"
	BotUser = "U0BOT1"
	BotID   = "B0BOT1"
	Ina     = "U0AAA1"
)

// object is JSON.
type object = map[string]any

// ids hands out what is unique.
type ids struct {
	last int64 // of the time stamps, in microseconds
	next int
}

// stamp returns the ts of a new message: the time, and no two alike. The lock is held.
func (s *Server) stamp() string {
	s.ids.last = max(time.Now().UnixMicro(), s.ids.last+1)
	return fmt.Sprintf("%d.%06d", s.ids.last/1e6, s.ids.last%1e6)
}

// id returns a new id of a kind, such as Ev for events. The lock is held.
func (s *Server) id(kind string) string {
	s.ids.next++
	return fmt.Sprintf("%s0FAKE%d", kind, s.ids.next)
}

// learnBase remembers at which address the Server is reached.
func (s *Server) learnBase(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.BaseURL != "" || r.Host == "" {
		return
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	s.hooks.base = scheme + r.Host
}
