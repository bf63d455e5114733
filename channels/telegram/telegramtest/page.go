package telegramtest

import (
	_ "embed" // for the page
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

//go:embed page.html
var page []byte

// ina is the person whom the page writes as.
const ina = 4201

// shownCalls is how many of the last calls the page shows.
const shownCalls = 50

// servePage serves the page on which one writes as a person, and sees what a person sees, with
// the calls beside it. It reports false for any other path.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) bool {
	switch r.Method + " " + r.URL.Path {
	case "GET /":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self' 'unsafe-inline'")
		_, _ = w.Write(page)
	case "GET /favicon.ico": // a browser asks for it, and would complain
		w.WriteHeader(http.StatusNoContent)
	case "GET /page/state":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.state())
	case "POST /page/say", "POST /page/press", "POST /page/stop":
		s.act(w, r)
	default:
		return false
	}
	return true
}

// act does what is done on the page. A page of another origin cannot send JSON.
func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	a, err := readArgs(r)
	if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		http.Error(w, "expected JSON", http.StatusBadRequest)
		return
	}
	text := a.text("text")
	found := true
	switch strings.TrimPrefix(r.URL.Path, "/page/") {
	case "say":
		s.Say(ina, text)
	case "stop":
		found = s.Stop(ina)
	default:
		found = s.Press(ina, text)
	}
	if !found {
		http.Error(w, "no such button: "+strconv.Quote(text), http.StatusNotFound)
	}
}

// state is what the page shows.
func (s *Server) state() any {
	calls := s.Calls()
	calls = calls[max(0, len(calls)-shownCalls):]
	s.mu.Lock()
	url := s.inbox.url
	polls := s.inbox.poll != nil
	keyboard, stops := s.chat(ina).keyboard, s.chat(ina).stop != nil
	s.mu.Unlock()
	how := "nobody fetches updates"
	switch {
	case url != "":
		how = "updates are delivered to " + url
	case polls:
		how = "updates are fetched by long polling"
	}
	return object{"token": s.options.Token, "how": how, "pending": s.Pending(), "chat": s.Chat(ina), "keyboard": keyboard, "stops": stops, "calls": calls}
}
