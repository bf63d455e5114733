package openai_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

const (
	refused  = "agent openai: the content filter refused the message or its answer"
	tooLong  = "agent openai: the message and its history are longer than the model takes"
	unread   = "agent openai: the server's answer cannot be read"
	broken   = "agent openai: the connection broke before the answer was complete"
	reported = "agent openai: the server reports a failure"
)

// TestStatus is the table of what a server may answer. Those of its words that are kept are for
// the log.
func TestStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		answer     http.HandlerFunc
		code       channels.Code
		message    string
		cause      string
		notReached bool
		after      time.Duration
		requests   int
	}{
		{
			name:   "400",
			answer: fails(400, `{"error":{"message":"Unsupported value: 'temperature' for %s","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}`),
			code:   channels.CodeFailedPrecondition, message: "agent openai: the server answered 400 Bad Request",
			cause: "invalid_request_error: unsupported_value: Unsupported value: 'temperature' for <secret>", requests: 1,
		},
		{
			name: "401", answer: fails(401, `{"error":{"message":"Incorrect API key provided: sk-s3***k3y","code":"invalid_api_key"}}`),
			code: channels.CodeAgentFailed, message: "agent openai: the server answered 401 Unauthorized",
			cause: "check api_key and headers", requests: 1,
		},
		{
			name: "402", answer: fails(402, `{"error":{"message":"Insufficient credits","code":402}}`),
			code: channels.CodeOverloaded, message: "agent openai: the server answered 402 Payment Required",
			cause: "402: Insufficient credits", notReached: true, after: 30 * time.Second, requests: 1,
		},
		{
			name: "403", answer: fails(403, `{"error":{"message":"Country not supported","code":"unsupported_country_region_territory"}}`),
			code: channels.CodeAgentFailed, message: "agent openai: the server answered 403 Forbidden",
			cause: "unsupported_country_region_territory: Country not supported", requests: 1,
		},
		{
			name: "404", answer: fails(404, `{"error":{"message":"The model 'm' does not exist","code":"model_not_found"}}`),
			code: channels.CodeAgentFailed, message: "agent openai: the server answered 404 Not Found",
			cause: "check base_url and model\nmodel_not_found: The model 'm' does not exist", requests: 1,
		},
		{
			name: "413", answer: fails(413, `too large`), code: channels.CodeTooLarge,
			message: "agent openai: the server answered 413 Request Entity Too Large", requests: 1,
		},
		{
			name: "422", answer: fails(422, `{"detail":[{"loc":["body"],"msg":"x"}]}`), code: channels.CodeFailedPrecondition,
			message: "agent openai: the server answered 422 Unprocessable Entity", requests: 1,
		},
		{
			name: "429", answer: fails(429, `{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}}`),
			code: channels.CodeOverloaded, message: "agent openai: the server answered 429 Too Many Requests",
			cause: "tokens: rate_limit_exceeded: Rate limit reached", notReached: true, after: time.Second, requests: 3,
		},
		{
			name: "429 of the account", answer: fails(429, `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota"}}`, "Retry-After", "1"),
			code: channels.CodeOverloaded, message: "agent openai: the server answered 429 Too Many Requests",
			cause: "insufficient_quota: You exceeded your current quota", notReached: true, after: 30 * time.Second, requests: 1,
		},
		{
			name: "429 for long", answer: fails(429, `{}`, "Retry-After", "3600"), code: channels.CodeOverloaded,
			message: "agent openai: the server answered 429 Too Many Requests", notReached: true, after: time.Hour, requests: 1,
		},
		{
			name: "500", answer: fails(500, `{"error":{"message":"The server had an error","type":"server_error"}}`),
			code: channels.CodeAgentFailed, message: "agent openai: the server answered 500 Internal Server Error",
			cause: "server_error: The server had an error", requests: 1,
		},
		{
			name: "502", answer: fails(502, `<html>`), code: channels.CodeAgentFailed,
			message: "agent openai: the server answered 502 Bad Gateway", requests: 1,
		},
		{
			name: "503", answer: fails(503, `{"error":"busy"}`), code: channels.CodeOverloaded,
			message: "agent openai: the server answered 503 Service Unavailable", cause: "busy", notReached: true, after: time.Second, requests: 3,
		},
		{
			name: "504", answer: fails(504, ``), code: channels.CodeDeadlineExceeded,
			message: "agent openai: the server answered 504 Gateway Timeout", requests: 1,
		},
		{
			name: "529", answer: fails(529, `null`), code: channels.CodeOverloaded,
			message: "agent openai: the server answered 529", notReached: true, after: time.Second, requests: 3,
		},
		{
			name: "a redirect", answer: fails(307, ``, "Location", "http://elsewhere.test/"), code: channels.CodeAgentFailed,
			message: "agent openai: the server answered 307 Temporary Redirect",
			cause:   "redirects are not followed: write the address it leads to into base_url", requests: 1,
		},
		{
			name: "another success", answer: fails(202, `{}`), code: channels.CodeAgentFailed,
			message: "agent openai: the server answered 202 Accepted", requests: 1,
		},
		{
			name: "a secret where it is cut", answer: fails(500, `{"error":{"message":"`+strings.Repeat("x", 295)+`%s"}}`),
			code: channels.CodeAgentFailed, message: "agent openai: the server answered 500 Internal Server Error",
			cause: strings.Repeat("x", 295) + "<secr…", requests: 1,
		},
		{
			name: "no words but a long one", answer: fails(500, `{"error":{"message":"`+strings.Repeat("é", 400)+`","code":{"x":1}}}`),
			code: channels.CodeAgentFailed, message: "agent openai: the server answered 500 Internal Server Error",
			cause: strings.Repeat("é", 150) + "…", requests: 1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f, rec := &fake{answer: c.answer}, &agenttest.Recorder{}
				err := onPipes(t, serve(t, f)).ask(t, rec)
				expect(t, err, c.code, c.message)
				e := channels.AsError(err)
				if got := agents.IsNotReached(err); got != c.notReached || e.RetryAfter != c.after {
					t.Errorf("not reached %v, retry after %v; want %v, %v", got, e.RetryAfter, c.notReached, c.after)
				}
				cause := ""
				if e.Err != nil {
					cause = e.Err.Error()
				}
				if cause != c.cause {
					t.Errorf("cause %q, want %q", cause, c.cause)
				}
				if got := len(f.seen()); got != c.requests || rec.Calls != 0 {
					t.Errorf("%d requests, want %d; %d calls of the replier", got, c.requests, rec.Calls)
				}
			})
		})
	}
}

// TestRetries asks again for what was not seen, soon or as the server says, and keeps to the
// deadline.
func TestRetries(t *testing.T) {
	t.Parallel()
	busy := func(headers ...string) http.HandlerFunc { return fails(429, `{}`, headers...) }
	for _, c := range []struct {
		name      string
		answer    http.HandlerFunc
		refuse    int // dials that fail first
		timeout   time.Duration
		ok        bool
		low, high time.Duration
	}{
		{"at once", says("x"), 0, time.Minute, true, 0, 0},
		{"refused once", says("x"), 1, time.Minute, true, 100 * time.Millisecond, 200 * time.Millisecond},
		{"busy twice", inOrder(busy(), busy(), says("x")), 0, time.Minute, true, 300 * time.Millisecond, 600 * time.Millisecond},
		{"busy three times", inOrder(busy(), busy(), busy(), says("x")), 0, time.Minute, false, 300 * time.Millisecond, 600 * time.Millisecond},
		{"with a time", inOrder(busy("Retry-After", "4"), says("x")), 0, time.Minute, true, 4 * time.Second, 4 * time.Second},
		{"with milliseconds", inOrder(busy("Retry-After-Ms", "1500", "Retry-After", "2"), says("x")), 0, time.Minute, true, 1500 * time.Millisecond, 1500 * time.Millisecond},
		{"for too long", inOrder(busy("Retry-After", "11"), says("x")), 0, time.Minute, false, 0, 0},
		{"past the deadline", inOrder(busy("Retry-After", "4"), says("x")), 0, 3 * time.Second, false, 0, 0},
		{"never reached", says("x"), 99, time.Minute, false, 300 * time.Millisecond, 600 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := serve(t, &fake{answer: c.answer})
				p.refuse = c.refuse
				h, began := onPipes(t, p), time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
				defer cancel()
				err := h.agent.Answer(ctx, agenttest.Turn("ann", "hi"), &agenttest.Recorder{})
				if took := time.Since(began); !between(took, c.low, c.high) {
					t.Errorf("it took %v, want %v to %v", took, c.low, c.high)
				}
				if (err == nil) != c.ok || err != nil && !agents.IsNotReached(err) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// TestWaits bounds the wait for the first byte, for each further one, and for all.
func TestWaits(t *testing.T) {
	t.Parallel()
	const quiet = "agent openai: the server has gone quiet"
	patient := func(c *openai.Config) { c.FirstByteTimeout, c.IdleTimeout = 20*time.Second, 5*time.Second }
	comments := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for range 30 {
			time.Sleep(4 * time.Second)
			_, _ = w.Write([]byte(": OPENROUTER PROCESSING\n\n"))
			_ = http.NewResponseController(w).Flush()
		}
		says("x")(w, r)
	}
	headThenNothing := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		message string // nothing of an answer that is taken
		want    time.Duration
		texts   int
	}{
		{"never", hangs, "agent openai: the server does not answer", 20 * time.Second, 0},
		{"a head alone", headThenNothing, "agent openai: the server does not answer", 20 * time.Second, 0},
		{"the beginning alone", stalls(0), quiet, 5 * time.Second, 0},
		{"two pieces", stalls(4*time.Second, "a", "b"), quiet, 13 * time.Second, 2},
		{"pieces without end", stalls(3900*time.Millisecond, strings.Split(strings.Repeat("x", 99), "")...), "agent openai: the answer took too long", 3 * time.Minute, 46},
		{"comments count as bytes", comments, "", 2 * time.Minute, 1},
		{"slow at first", func(w http.ResponseWriter, r *http.Request) { time.Sleep(19 * time.Second); says("x")(w, r) }, "", 19 * time.Second, 1},
		{"no end after the finish", func(w http.ResponseWriter, r *http.Request) {
			begin(w)
			send(w, text("x"))
			send(w, finish("stop")[0])
			<-r.Context().Done()
		}, "", 2 * time.Second, 1},
		{"no end after [DONE]", func(w http.ResponseWriter, r *http.Request) { says("x")(w, r); <-r.Context().Done() }, "", 250 * time.Millisecond, 1},
		{"an error page without end", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, "agent openai: the server answered 500 Internal Server Error", 2 * time.Second, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, began := onPipes(t, serve(t, &fake{answer: c.answer}), patient), time.Now()
				rec := &agenttest.Recorder{Shows: true}
				err := h.ask(t, rec)
				if took := time.Since(began); took != c.want {
					t.Errorf("it took %v, want %v", took, c.want)
				}
				if len(rec.Deltas) != c.texts {
					t.Errorf("%d pieces, want %d", len(rec.Deltas), c.texts)
				}
				switch {
				case c.message == "" && (err != nil || len(rec.Replies) != 1):
					t.Errorf("error %v, %d replies", err, len(rec.Replies))
				case c.message != "":
					expect(t, err, channels.AsError(err).Code, c.message)
					if agents.IsNotReached(err) {
						t.Errorf("error %v counts as not reached", err)
					}
				}
			})
		})
	}
}

// TestSlowReader is no fault of the server.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := onPipes(t, serve(t, &fake{answer: says("a", "b")}), func(c *openai.Config) { c.IdleTimeout = time.Second })
		rec := &agenttest.Recorder{Shows: true, OnDelta: func(string) error { time.Sleep(30 * time.Second); return nil }}
		if err := h.ask(t, rec); err != nil {
			t.Error(err)
		}
	})
}

// TestCancel ends the request at the server before its next piece.
func TestCancel(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	h := onLoopback(t, &fake{answer: func(w http.ResponseWriter, r *http.Request) {
		begin(w)
		send(w, text("a"))
		<-r.Context().Done()
		close(gone)
	}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	turn := agenttest.Turn("ann", "hi")
	turn.Live = true
	err := h.agent.Answer(ctx, turn, &agenttest.Recorder{OnDelta: func(string) error { cancel(); return nil }})
	if !errors.Is(err, context.Canceled) || agents.IsNotReached(err) {
		t.Errorf("error %v", err)
	}
	<-gone
}

// TestBodies is what may come with status 200.
func TestBodies(t *testing.T) {
	t.Parallel()
	events := func(events ...string) string { return "data: " + strings.Join(events, "\n\ndata: ") + "\n\n" }
	const label = "text/event-stream"
	stop := finish("stop")
	for _, c := range []struct {
		name, label, body string
		want              []string
		message, cause    string // of the error, if any
	}{
		{"events", label, events(append([]string{text("a"), text("b")}, stop...)...), []string{"ab"}, "", ""},
		{"no label that tells", "text/html", events(append([]string{text("a")}, stop...)...), []string{"a"}, "", ""},
		{"no [DONE]", label, events(text("a"), stop[0]), []string{"a"}, "", ""},
		{"no finish_reason but [DONE]", label, events(text("a"), "[DONE]"), []string{"a"}, "", ""},
		{"nothing after [DONE] is read", label, events(text("a"), "[DONE]", "x"), []string{"a"}, "", ""},
		{"the finish with the last piece", label, events(`{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}`), []string{"a"}, "", ""},
		{"no text", label, events(stop...), nil, "", ""},
		{"white space", label, events(text(" \n"), stop[0]), nil, "", ""},
		{"other choices", label, events(`{"choices":[{"index":1,"delta":{"content":"x"}},{"index":0,"delta":{"content":"a"}}]}`, stop[0]), []string{"a"}, "", ""},
		{"parts", label, events(delta(`"content":[{"type":"thinking","text":"x"},{"type":"text","text":"a"}]`), stop[0]), []string{"a"}, "", ""},
		{"a refusal", label, events(delta(`"content":null,"refusal":"I can't."`), stop[0]), []string{"I can't."}, "", ""},
		{"reasoning", label, events(delta(`"reasoning_content":"x"`), delta(`"reasoning":"x","content":""`), delta(`"reasoning_details":[{"text":"x"}]`), text("a"), stop[0]), []string{"a"}, "", ""},
		{"tags of thought", label, events(text("<thi"), text("nk>x</think>"), text("\n\na"), stop[0]), []string{"a"}, "", ""},
		{"a whole answer", "application/json", `{"choices":[{"message":{"role":"assistant","content":"a","reasoning_content":"x"},"finish_reason":"stop"}],"usage":{}}`, []string{"a"}, "", ""},
		{"a whole answer behind white space", "application/json", "\n  " + `{"choices":[{"message":{"content":"a"}}]}`, []string{"a"}, "", ""},
		{"a null error", label, events(`{"error":null,"choices":[{"delta":{"content":"a"}}]}`, stop[0]), []string{"a"}, "", ""},
		{"not UTF-8", label, events("{\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}", stop[0]), []string{"\uFFFD"}, "", ""},

		{"nothing", label, "", nil, unread, "it has no event"},
		{"HTML", "text/html", "<html>\n\n</html>\n", nil, unread, "it has no event"},
		{"white space without end", label, strings.Repeat(" ", 5000), nil, unread, "it has no event"},
		{"garbage", label, events(text("a"), "<html>"), nil, unread, "an event is not a chunk of an answer"},
		{"a wrong key", label, events(`{"choices":{}}`), nil, unread, "an event is not a chunk of an answer"},
		{"a wrong content", label, events(delta(`"content":5`)), nil, unread, "an event is not a chunk of an answer"},
		{"deep JSON", label, events(delta(`"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000))), nil, unread, "an event is not a chunk of an answer"},
		{"half an event", label, events(text("a")) + "data: {\"choi", nil, broken, "the answer ended without a finish_reason"},
		{"no end", label, events(text("a")), nil, broken, "the answer ended without a finish_reason"},
		{"no choices", "application/json", `{"object":"list"}`, nil, unread, "it has no choices"},
		{"half an object", "application/json", `{"choices":[`, nil, unread, "an event is not a chunk of an answer"},
		{"an error", label, events(text("a"), `{"error":{"code":"server_error","message":"bad `+apiKey+`"}}`), nil, reported, "server_error: bad <secret>"},
		{"an error beside choices", label, events(`{"error":{"code":502,"message":"Provider disconnected"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`), nil, reported, "502: Provider disconnected"},
		{"an error in place of an answer", "application/json", `{"error":"model is loading"}`, nil, reported, "model is loading"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, rec := &fake{answer: raw(c.label, c.body)}, &agenttest.Recorder{}
			err := onLoopback(t, f).ask(t, rec)
			if diff := cmp.Diff(c.want, rec.Texts(), cmp.Transformer("nil", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			switch {
			case c.message == "" && err != nil:
				t.Error(err)
			case c.message != "":
				expect(t, err, channels.CodeAgentFailed, c.message)
				if got := errors.Unwrap(err); agents.IsNotReached(err) || got == nil || got.Error() != c.cause {
					t.Errorf("cause %v, want %v", got, c.cause)
				}
			}
			if got := len(f.seen()); got != 1 {
				t.Errorf("%d requests, want 1", got)
			}
		})
	}
}

// TestBroken tells a connection that broke, and quotes nothing of what came by it.
func TestBroken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		deltas int
	}{
		{"before the head", hijacks(""), 0},
		{"in the head", hijacks("HTTP/1.1 200 OK\r\nX: %s"), 0},
		{"no HTTP", hijacks("%s\r\n\r\n"), 0},
		{"after the head", breaksOff(), 0},
		{"after two pieces", breaksOff("a", "b"), 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rec := &agenttest.Recorder{Shows: true}
			err := onLoopback(t, &fake{answer: c.answer}).ask(t, rec)
			expect(t, err, channels.CodeAgentFailed, broken)
			if agents.IsNotReached(err) || len(rec.Deltas) != c.deltas || len(rec.Replies) != 0 {
				t.Errorf("not reached %v, %q, %d replies", agents.IsNotReached(err), rec.Deltas, len(rec.Replies))
			}
		})
	}
}

// TestFinish has the ends that are outcomes of their own, whichever way a server tells them.
func TestFinish(t *testing.T) {
	t.Parallel()
	const cutOff = "agent openai: the answer is longer than the model may write; see max_tokens under parameters"
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		code    channels.Code
		message string
		reason  string
		texts   []string
	}{
		{"length", ends("length", "a", "b"), channels.CodeTooLarge, cutOff, "length", []string{"ab"}},
		{"length without text", ends("length", "<think>", "hm"), channels.CodeTooLarge, cutOff, "length", nil},
		{"a filter in the answer", ends("content_filter", "a"), channels.CodePermissionDenied, refused, "content_filter", nil},
		{
			"a filter of the message, by Azure",
			fails(400, `{"error":{"inner_error":{"code":"ResponsibleAIPolicyViolation"},"code":"content_filter","message":"The response was filtered","param":"prompt","type":null}}`),
			channels.CodePermissionDenied, refused, "content_filter", nil,
		},
		{
			"a filter of the message, by OpenAI", fails(400, `{"error":{"code":"content_policy_violation","message":"x"}}`),
			channels.CodePermissionDenied, refused, "content_filter", nil,
		},
		{
			"a filter of the message, by OpenRouter", fails(403, `{"error":{"code":403,"message":"openai/x requires moderation on OpenAI. Your input was flagged for \"violence\"."}}`),
			channels.CodePermissionDenied, refused, "content_filter", nil,
		},
		{
			"a filter of the message, by LiteLLM", fails(400, `{"error":{"message":"litellm.BadRequestError: litellm.ContentPolicyViolationError: x","type":null,"code":"400"}}`),
			channels.CodePermissionDenied, refused, "content_filter", nil,
		},
		{
			"a filter in the stream", raw("text/event-stream", "data: {\"error\":{\"code\":\"content_filter\"}}\n\n"),
			channels.CodePermissionDenied, refused, "content_filter", nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rec := &agenttest.Recorder{}
			err := onLoopback(t, &fake{answer: c.answer}).ask(t, rec)
			expect(t, err, c.code, c.message)
			var f *openai.FinishError
			if !errors.As(err, &f) || f.Reason != c.reason || channels.AsError(err).Info["finish_reason"] != c.reason || agents.IsNotReached(err) {
				t.Errorf("%+v", err)
			}
			if !channels.AsError(err).Code.IsPermanent() {
				t.Errorf("%v would be asked again", err)
			}
			if diff := cmp.Diff(append([]string{}, c.texts...), rec.Texts()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestContextLength leaves out the older half of the history, once.
func TestContextLength(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]http.HandlerFunc{
		"OpenAI":     fails(400, `{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`),
		"vLLM":       fails(400, `{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000.","type":"BadRequestError","param":null,"code":400}`),
		"llama.cpp":  fails(400, `{"error":{"code":400,"message":"the request exceeds the available context size. try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9,"n_ctx":8}}`),
		"LiteLLM":    fails(400, `{"error":{"message":"litellm.ContextWindowExceededError: litellm.BadRequestError: x","type":"invalid_request_error","param":null,"code":"400"}}`),
		"OpenRouter": fails(400, `{"error":{"message":"This endpoint's maximum context length is 8192 tokens.","code":400}}`),
		"a stream":   raw("text/event-stream", "data: {\"error\":{\"code\":\"context_length_exceeded\"}}\n\n"),
	} {
		for _, c := range []struct {
			name  string
			turns int
			left  int // turns in the second request, -1 when there is none
			ok    bool
		}{{"of five", 5, 2, true}, {"of one", 1, 0, true}, {"of none", 0, -1, false}, {"still too long", 5, 2, false}} {
			t.Run(name+" "+c.name, func(t *testing.T) {
				t.Parallel()
				then := says("x")
				if !c.ok {
					then = full
				}
				f := &fake{answer: inOrder(full, then)}
				turn := agenttest.Turn("ann", "hi")
				var history record
				for range c.turns {
					history = append(history, user("u"), assistant("a"))
				}
				turn.Record = history
				err := onLoopback(t, f).answer(t, turn, &agenttest.Recorder{})
				if !c.ok {
					expect(t, err, channels.CodeTooLarge, tooLong)
				} else if err != nil {
					t.Error(err)
				}
				seen := f.seen()
				if c.left < 0 {
					if len(seen) != 1 {
						t.Errorf("%d requests", len(seen))
					}
					return
				}
				if len(seen) != 2 || strings.Count(seen[0].body, `"u"`) != c.turns || strings.Count(seen[1].body, `"u"`) != c.left {
					t.Errorf("requests %v", seen)
				}
			})
		}
	}
}
