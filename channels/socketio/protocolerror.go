package socketio

import (
	"net/http"
	"strconv"

	"github.com/manyvox/manyvox/channels"
)

// protocolError is the answer to a client that did not keep to the protocol. Its code and
// message are those of the JavaScript server.
type protocolError struct {
	status  int
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func unknownTransport() *protocolError {
	return &protocolError{http.StatusBadRequest, 0, "Transport unknown"}
}

func unknownSession() *protocolError {
	return &protocolError{http.StatusBadRequest, 1, "Session ID unknown"}
}

func badMethod() *protocolError {
	return &protocolError{http.StatusBadRequest, 2, "Bad handshake method"}
}

func badRequest(message string) *protocolError {
	return &protocolError{http.StatusBadRequest, 3, message}
}

func tooManyClients() *protocolError {
	return &protocolError{http.StatusServiceUnavailable, 4, "too many clients, or the server is shutting down"}
}

func unsupportedVersion() *protocolError {
	return &protocolError{http.StatusBadRequest, 5, "Unsupported protocol version: Engine.IO 4 is, which Socket.IO clients speak from version 3 on"}
}

// write answers a request with the error.
func (e *protocolError) write(w http.ResponseWriter) {
	body, _ := channels.Marshal(e) // a number and a text
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.status)
	_, _ = w.Write(body) //nolint:gosec // words of our own, labelled as JSON; a client that is gone needs no answer
}
