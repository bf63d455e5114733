package slacktest

import (
	"net/http"
	"strings"
	"time"
)

// https://docs.slack.dev/interactivity/handling-user-interaction
const (
	maxHookUses = 5
	hookLife    = 30 * time.Minute
)

// hooks are the addresses that the Server hands out as response_url.
type hooks struct {
	base string // where the Server is reached
	uses map[string]*hook
}

// hook is one response_url.
type hook struct {
	team, chat, user string
	message          string // that was clicked, "" for none
	since            time.Time
	used             int
}

// responseURL makes one, of a kind: "actions" or "commands". The lock is held.
func (s *Server) responseURL(kind string, h hook) string {
	path := "/" + kind + "/" + s.id("hook-")
	h.since = time.Now()
	s.hooks.uses[path] = &h
	return s.hooks.base + path
}

// serveHook takes what the app says by a response_url.
func (s *Server) serveHook(w http.ResponseWriter, r *http.Request) {
	a, err := readArgs(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.change()
	h := s.hooks.uses[r.URL.Path]
	made := result(nil)
	switch {
	case h == nil:
		made = refuse("invalid_url")
		made.status = http.StatusNotFound
	case time.Since(h.since) > hookLife, h.used >= maxHookUses: // Slack documents no words for it
		made = refuse("used_url")
		made.status = http.StatusNotFound
	case err != nil || a.form: // it takes JSON alone
		made = refuse("invalid_payload")
		made.status = http.StatusBadRequest
	default:
		h.used++
		if refused := s.respond(h, a); refused != nil {
			made = *refused
		}
	}
	s.record.calls = append(s.record.calls, Call{
		Method: "response_url", Team: hookTeam(h), Args: a.plain(), Error: made.code(), Status: made.httpStatus(), At: time.Now(),
	})
	made.write(w)
}

// hookTeam returns the workspace of a response_url, "" for one that there is not.
func hookTeam(h *hook) string {
	if h == nil {
		return ""
	}
	return h.team
}

// respond shows what an app says to a click or a command: to the one person, unless it wants
// all to see it.
func (s *Server) respond(h *hook, a *args) *answer {
	t := s.team(h.team)
	c := s.chat(h.team, h.chat)
	clicked := c.find(h.message)
	if clicked != nil && a.text("delete_original") == "true" {
		*clicked = Shown{TS: clicked.TS, User: clicked.User, FromBot: true, Text: "This message was deleted."}
		return nil
	}
	what, refused := a.content()
	if refused != nil {
		return refused
	}
	if clicked != nil && a.text("replace_original") == "true" {
		clicked.Versions = append(clicked.Versions, clicked.Reads())
		// Unlike chat.update, what is not named goes.
		clicked.Text, clicked.Markdown, clicked.Blocks = what.text, what.markdown, what.blocks
		return nil
	}
	m := Shown{TS: s.stamp(), Thread: c.root(a.text("thread_ts")), User: t.BotUser, FromBot: true, Text: what.text, Markdown: what.markdown, Blocks: what.blocks}
	if !strings.EqualFold(a.text("response_type"), "in_channel") {
		m.OnlyFor = h.user
	}
	c.Messages = append(c.Messages, m)
	return nil
}
