package slacktest

import (
	"context"
	_ "embed" // for the page
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

//go:embed page.html
var page []byte

// crew is the channel that the page writes in, beside the direct messages of Ina.
const crew = "C0CREW"

// shownCalls is how many of the last calls and deliveries the page shows of each.
const shownCalls = 50

// Fake is New for a program that serves the fake by hand.
func Fake(env channels.FakeEnv) http.Handler {
	s := New(Options{Token: env.Token, Dial: env.Dial})
	context.AfterFunc(env.Context, s.Close)
	return s
}

// servePage serves the page on which one writes as a person, and sees what a person sees, with
// the calls beside it. It reports false for any other path.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) bool {
	action, acts := strings.CutPrefix(r.URL.Path, "/page/")
	switch {
	case r.Method == http.MethodGet && r.URL.Path == "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self' 'unsafe-inline'")
		_, _ = w.Write(page)
	case r.Method == http.MethodGet && action == "state":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.state())
	case r.Method == http.MethodPost && acts:
		s.act(w, r, action)
	default:
		return false
	}
	return true
}

// act does what is done on the page. A page of another origin cannot send JSON.
func (s *Server) act(w http.ResponseWriter, r *http.Request, action string) {
	a, err := readArgs(r)
	if err != nil || a.form {
		http.Error(w, "expected JSON", http.StatusBadRequest)
		return
	}
	p, text := s.Person(Ina), a.text("text")
	chat := p.DM()
	if a.text("chat") == crew {
		chat = crew
	}
	done := true
	switch action {
	case "say":
		p.enter(chat, a.text("thread"), text)
	case "click":
		done = p.Click(chat, text)
	case "choose":
		done = p.Choose(chat, text)
	case "stop":
		done = p.Stop(chat)
	case "url":
		if err := s.SetRequestURL(r.Context(), text); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
		}
	default:
		done = false
	}
	if !done {
		http.Error(w, "there is no "+strconv.Quote(text)+" to "+strconv.Quote(action), http.StatusNotFound)
	}
}

// enter does what somebody types: a command behind a slash, a mention of @vox, or a message.
func (p Person) enter(chat, thread, text string) {
	switch {
	case strings.HasPrefix(text, "/") && thread == "": // Slack has no commands in threads
		command, rest, _ := strings.Cut(text, " ")
		p.Command(chat, command, rest)
	case strings.HasPrefix(text, "@vox"):
		p.MentionIn(chat, thread, strings.TrimSpace(strings.TrimPrefix(text, "@vox")))
	default:
		p.Reply(chat, thread, text)
	}
}

// state is what the page shows.
func (s *Server) state() any {
	calls := s.Calls()
	calls = calls[max(0, len(calls)-shownCalls):]
	deliveries := s.Deliveries()
	deliveries = deliveries[max(0, len(deliveries)-shownCalls):]
	s.mu.Lock()
	url, socketMode := s.inbox.url, s.sockets.on
	s.mu.Unlock()
	how := "nobody fetches events, and there is no Request URL"
	switch n := s.Sockets(); {
	case socketMode:
		how = "events go over sockets, of which " + strconv.Itoa(n) + " are open"
	case url != "":
		how = "events are delivered to " + url
	}
	return object{
		"token": s.options.Token, "appToken": s.options.AppToken, "secret": s.options.Secret, "how": how, "pending": s.Pending(),
		"dropped": s.Dropped(), "chats": object{DM(Ina): s.Chat(DM(Ina)), crew: s.Chat(crew)}, "calls": calls, "deliveries": deliveries,
	}
}
