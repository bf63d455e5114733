package openai_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/manyvox/manyvox/agents/openai"
)

// FuzzErrorPage reads a stranger's page: what is kept of it is short, is text, and has no secret.
func FuzzErrorPage(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", "<html>", `{"error":null}`, `{"error":"busy"}`, `{"error":{"code":429,"message":"` + apiKey + `","type":null}}`,
		`{"object":"error","message":"This model's maximum context length is 4","code":400}`, `{"error":{"code":"content_filter"}}`, `{"error":[{"code":1}]}`,
		`{"error":{"message":"` + strings.Repeat("é", 400) + `","code":{}}}`, "{\"error\":{\"message\":\"\xff\"}}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		contextLength, contentFilter, cause := openai.ErrorPage(page, apiKey)
		if (contextLength || contentFilter) && cause == nil {
			t.Error("a reason without words")
		}
		if cause == nil {
			return
		}
		text := cause.Error()
		if !utf8.ValidString(text) || len(text) > 600 || strings.Contains(text, apiKey) {
			t.Errorf("%d bytes: %q", len(text), text)
		}
	})
}
