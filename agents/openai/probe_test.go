package openai_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/manyvox/manyvox/agents/openai"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		answer      http.HandlerFunc
		says, fails string
	}{
		{"has the model", raw("application/json", `{"object":"list","data":[{"id":"a"},{"id":"m"}]}`), `the server has the model "m"`, ""},
		{"has others", raw("application/json", `{"data":[{"id":"a"}]}`), `the server lists 1 models, "m" is none of them`, ""},
		{"has no list", fails(404, ""), "the server answers, and has no list of models", ""},
		{"does not take the key", fails(401, `{"error":{"message":"%s"}}`), "", "agent openai: the server answered 401 Unauthorized: check api_key and headers"},
		{"is ill", fails(500, `%s`), "", "agent openai: the server answered 500 Internal Server Error"},
		{"is another", raw("text/html", "<html>"), "", "agent openai: the server's list of models cannot be read"},
		{"breaks off", hijacks(""), "", "agent openai: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method+" "+r.URL.Path != "GET /v1/models" || r.Header.Get("Authorization") != "Bearer "+apiKey {
					t.Errorf("%s %s %v", r.Method, r.URL.Path, r.Header)
				}
				c.answer(w, r)
			}))
			defer server.Close()
			h := onLoopback(t, &fake{}, func(conf *openai.Config) { conf.BaseURL = server.URL + "/v1" })
			says, err := h.agent.Probe(t.Context())
			got := ""
			if err != nil {
				got = err.Error()
				noSecret(t, "the error", got)
			}
			if says != c.says || got != c.fails && (c.name != "breaks off" || err == nil) {
				t.Errorf("%q, %q; want %q, %q", says, got, c.says, c.fails)
			}
		})
	}
}
