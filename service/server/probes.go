package server

import (
	"fmt"
	"io"
	"net/http"

	"github.com/manyvox/manyvox/channels"
)

// alive says that the program runs.
func alive(w http.ResponseWriter, _ *http.Request) { plainText(w, http.StatusOK, "ok\n") }

// ready says whether messages are taken. It never asks the agent: a service whose
// agent is down still has its place.
func (s routes) ready(w http.ResponseWriter, _ *http.Request) {
	if err := s.Ready(); err != nil {
		plainText(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return
	}
	plainText(w, http.StatusOK, "ok\n")
}

// metrics asks for the operator's token.
func (s routes) metrics() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.Guard.CheckOperator(r.Context()); err != nil {
			channels.WriteError(w, err)
			return
		}
		s.Metrics.ServeHTTP(w, r)
	})
}

// MetricsAlone returns the handler of an address that has /metrics and nothing else. It asks
// for no token.
func MetricsAlone(metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("/", noRoute)
	return deadlines(mux)
}

// hello answers programs; a browser is sent to the chat page, when there is one.
func (s routes) hello(w http.ResponseWriter, r *http.Request) {
	if s.Chat != nil {
		w.Header().Add("Vary", "Accept")
		if accepts(r.Header.Get("Accept"), "text/html") {
			toChat(w, r)
			return
		}
	}
	plainText(w, http.StatusOK, fmt.Sprintf("Hello from Manyvox: %s\n", s.Version))
}

func plainText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // a caller that is gone needs no answer
}
