package openai_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

// TestDialects has each server's own shape of a request that it takes, a stream and a refusal.
// The keys of the configuration are those of docs/agents/openai.md.
func TestDialects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		// yaml configures the dialect; the address stands for HOST.
		yaml   string
		uri    string
		header map[string]string
		// without are keys that the server would not take.
		without []string
		// refusal is what the server answers when the model does not exist.
		status  int
		refusal string
		cause   string
	}{
		{
			name: "openai", yaml: "base_url: HOST/v1\napi_key: sk-s3cr3t-k3y\nmodel: gpt-4o-mini",
			uri: "POST /v1/chat/completions", header: map[string]string{"Authorization": "Bearer sk-s3cr3t-k3y"},
			status:  404,
			refusal: `{"error":{"message":"The model 'gpt-9' does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}`,
			cause:   "invalid_request_error: model_not_found: The model 'gpt-9' does not exist or you do not have access to it.",
		},
		{
			name: "azure",
			yaml: "base_url: HOST/openai/deployments/bot\nheaders: {api-key: sk-s3cr3t-k3y}\nquery: {api-version: 2024-10-21}\nmodel: gpt-4o",
			uri:  "POST /openai/deployments/bot/chat/completions?api-version=2024-10-21", header: map[string]string{"Api-Key": "sk-s3cr3t-k3y", "Authorization": ""},
			status:  404,
			refusal: `{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`,
			cause:   "DeploymentNotFound: The API deployment for this resource does not exist.",
		},
		{
			name: "ollama", yaml: "base_url: HOST/v1\nmodel: qwen3:8b",
			uri: "POST /v1/chat/completions", header: map[string]string{"Authorization": ""},
			status:  404,
			refusal: `{"error":{"message":"model \"qwen3:9b\" not found, try pulling it first","type":"api_error","param":null,"code":null}}`,
			cause:   `api_error: model "qwen3:9b" not found, try pulling it first`,
		},
		{
			name: "vllm", yaml: "base_url: HOST/v1\nmodel: Qwen/Qwen3-8B\nparameters: {chat_template_kwargs: {enable_thinking: false}}",
			uri:     "POST /v1/chat/completions",
			status:  404,
			refusal: `{"object":"error","message":"The model 'x' does not exist.","type":"NotFoundError","param":null,"code":404}`,
			cause:   "NotFoundError: 404: The model 'x' does not exist.",
		},
		{
			name: "openrouter",
			yaml: "base_url: HOST/api/v1\napi_key: sk-s3cr3t-k3y\nmodel: deepseek/deepseek-r1\nheaders: {HTTP-Referer: \"https://example.com\", X-Title: Bakery}",
			uri:  "POST /api/v1/chat/completions", header: map[string]string{"Http-Referer": "https://example.com", "X-Title": "Bakery"},
			status:  404,
			refusal: `{"error":{"message":"No endpoints found for x/y.","code":404},"user_id":"user_1"}`,
			cause:   "404: No endpoints found for x/y.",
		},
		{
			name: "llamacpp", yaml: "base_url: HOST/v1\nmodel: any\nparameters: {user: }",
			uri: "POST /v1/chat/completions", without: []string{"user"},
			status:  503,
			refusal: `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`,
			cause:   "unavailable_error: 503: Loading model",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stream, err := os.ReadFile("testdata/" + c.name + ".sse")
			if err != nil {
				t.Fatal(err)
			}
			open := func(answer http.HandlerFunc) (*harness, *fake) {
				f := &fake{answer: answer}
				return onLoopback(t, f, func(conf *openai.Config) {
					host := strings.TrimSuffix(conf.BaseURL, "/v1")
					*conf = *decode(t, strings.ReplaceAll(c.yaml, "HOST", host))
				}), f
			}
			h, f := open(raw("text/event-stream", string(stream)))
			rec := &agenttest.Recorder{Shows: true}
			if err := h.ask(t, rec); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(rec.Deltas, ""); got != "Good day." || !cmp.Equal(rec.Texts(), []string{"Good day."}) {
				t.Errorf("pieces %q, texts %q", rec.Deltas, rec.Texts())
			}
			if got := h.agent.Usage(); got != (openai.Usage{Prompt: 9, Completion: 3}) {
				t.Errorf("usage %+v", got)
			}
			got := f.seen()[0]
			if got.uri != c.uri {
				t.Errorf("uri %s, want %s", got.uri, c.uri)
			}
			for name, want := range c.header {
				if value := got.header.Get(name); value != want {
					t.Errorf("header %s: %q, want %q", name, value, want)
				}
			}
			for _, key := range c.without {
				if got.key(key) != "" {
					t.Errorf("the request has %s", key)
				}
			}
			h, _ = open(fails(c.status, c.refusal))
			e := channels.AsError(h.ask(t, &agenttest.Recorder{}))
			if want := c.cause; e.Err == nil || !strings.HasSuffix(e.Err.Error(), want) {
				t.Errorf("cause %v, want %s", e.Err, want)
			}
		})
	}
}
