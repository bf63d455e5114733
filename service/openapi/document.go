// Package openapi is the description of the program's HTTP routes, in OpenAPI 3.1, for tools
// that make clients, tests or pages of it. `make generate` writes it: the typed API from the
// .proto files, the other routes from a table.
package openapi

import (
	_ "embed"
	"net/http"
	"strconv"
)

// Document is the description, as JSON.
//
//go:embed openapi.json
var Document []byte

// Handler serves the description. It asks for no token.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(Document)))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(Document) // a caller that is gone needs no answer
	})
}
