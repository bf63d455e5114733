package server

import (
	"net/http"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// Starting returns the handler of a program whose store is not open yet: it is alive, and
// takes nothing.
func Starting() http.Handler {
	starting := &channels.Error{
		Code: channels.CodeUnavailable, Message: "the service is starting: its store is not open yet", RetryAfter: instance.RetryAfter,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { channels.WriteError(w, starting) })
	return deadlines(mux)
}
