package auth_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// ConversationService and /metrics ask the operator's token, wherever the call comes from:
// --operator-token, or else --auth-token. Without either nobody may call.
func TestOperator(t *testing.T) {
	t.Parallel()
	const refused = "unauthenticated"
	for _, c := range []struct {
		name, from, operatorToken, authToken, token string
		code                                        string // "" means let in
	}{
		{name: "no token anywhere, this machine", from: "127.0.0.1:5", code: refused},
		{name: "no token anywhere, this machine over IPv6", from: "[::1]:5", code: refused},
		{name: "no token anywhere, another machine", from: "192.0.2.1:5", code: refused},
		{name: "no token anywhere, one is shown", from: "127.0.0.1:5", token: "any", code: refused},
		{name: "no token, this machine", from: "127.0.0.1:5", operatorToken: "0perator", code: refused},
		{name: "a wrong token", from: "127.0.0.1:5", operatorToken: "0perator", token: "0perato", code: refused},
		{name: "a channel's token", from: "127.0.0.1:5", operatorToken: "0perator", token: "s3cret", code: refused},
		{name: "the token", from: "127.0.0.1:5", operatorToken: "0perator", token: "0perator"},
		{name: "the token from another machine", from: "192.0.2.1:5", operatorToken: "0perator", token: "0perator"},
		{name: "the token of the channels stands in", from: "192.0.2.1:5", authToken: "pr0gram", token: "pr0gram"},
		{name: "the token of the channels beside the operator's", from: "127.0.0.1:5", operatorToken: "0perator", authToken: "pr0gram", token: "pr0gram", code: refused},
		{name: "the operator's beside that of the channels", from: "192.0.2.1:5", operatorToken: "0perator", authToken: "pr0gram", token: "0perator"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := service.New(service.Config{
				Channels: servicetest.Channels(t, "rest: {token: s3cret}\n"), Agent: servicetest.UncalledAgent(t), Journal: memory.Open(),
				OperatorToken: channels.Secret(c.operatorToken), AuthToken: channels.Secret(c.authToken),
			})
			for _, g := range guardedRequests() {
				req := g.request()
				req.RemoteAddr, req.Host = c.from, "localhost:5005"
				if c.token != "" {
					req.Header.Set("Authorization", "Bearer "+c.token)
				}
				if got := g.code(servicetest.Record(s.Handler(), req)); got != c.code {
					t.Errorf("%s: %q, want %q", g.name, got, c.code)
				}
			}
		})
	}
}

// Behind a proxy on the same machine that adds no header, a stranger gets neither a
// transcript nor the metrics, and deletes nothing.
func TestOperatorBehindABareProxy(t *testing.T) {
	t.Parallel()
	store := memory.Open()
	h := servicetest.OnLoopback(t, service.Config{
		Channels: servicetest.Channels(t, "rest:\n"), Agent: servicetest.Echo(), Journal: store, OperatorToken: "0perator",
	})
	proxy := bareProxy(t, h.URL)
	if status, body := call(t, proxy, "/webhooks/rest/webhook", `{"sender":"ann","message":"my secret","message_id":"1"}`, ""); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	const service = "/manyvox.v1.ConversationService/"
	for _, c := range []struct{ name, path, body string }{
		{"a transcript", service + "ListEvents", `{"channel":"rest","sender":"ann"}`},
		{"a deletion", service + "DeleteConversation", `{"channel":"rest","sender":"ann"}`},
		{"the metrics", "/metrics", ""},
	} {
		if status, body := call(t, proxy, c.path, c.body, ""); status != http.StatusUnauthorized || strings.Contains(body, "my secret") {
			t.Errorf("%s: a stranger gets %d %s", c.name, status, body)
		}
	}
	// The operator gets them by the same way, and the transcript is still there.
	for _, c := range []struct{ path, body, want string }{
		{service + "ListEvents", `{"channel":"rest","sender":"ann"}`, "my secret"},
		{"/metrics", "", "manyvox_asks"},
		{service + "DeleteConversation", `{"channel":"rest","sender":"ann"}`, "rows"},
	} {
		if status, body := call(t, proxy, c.path, c.body, "0perator"); status != http.StatusOK || !strings.Contains(body, c.want) {
			t.Errorf("%s: the operator gets %d %s", c.path, status, body)
		}
	}
}

// bareProxy returns the URL of a proxy on loopback that adds no header, as nginx with a
// proxy_pass alone.
func bareProxy(t *testing.T, to string) string {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Transport: transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
	})
	t.Cleanup(func() { proxy.Close(); transport.CloseIdleConnections() })
	return proxy.URL
}

// call posts JSON, or gets a path when there is none.
func call(t *testing.T, base, path, body, token string) (status int, answer string) {
	t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(servicetest.Context(t), method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return servicetest.Do(t, client, req)
}

// guardedRequest is a request that asks for the operator, in one protocol. Code finds the
// error's code in the answer.
type guardedRequest struct {
	name    string
	request func() *http.Request
	code    func(*httptest.ResponseRecorder) string
}

func guardedRequests() []guardedRequest {
	unary, stream := manyvoxv1connect.ConversationServiceListDeadLettersProcedure, manyvoxv1connect.ConversationServiceWatchEventsProcedure
	post := func(path, contentType, body string) func() *http.Request {
		return func() *http.Request {
			req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			req.Header.Set("Content-Type", contentType)
			req.Header.Set("Te", "trailers")
			return req
		}
	}
	return []guardedRequest{
		{"metrics", func() *http.Request { return httptest.NewRequest(http.MethodGet, "/metrics", nil) }, codeInJSON},
		{"Connect", post(unary, "application/json", "{}"), codeInJSON},
		// A filter that is refused: else the stream would never end.
		{"Connect stream", post(stream, "application/connect+json", envelope(`{"sender":"x"}`)), codeInStream},
		{"gRPC", post(unary, "application/grpc", envelope("")), codeInStatus},
		{"gRPC-Web", post(unary, "application/grpc-web", envelope("")), codeInStatus},
	}
}

func envelope(message string) string {
	var b bytes.Buffer
	b.WriteByte(0)
	_ = binary.Write(&b, binary.BigEndian, uint32(len(message)))
	b.WriteString(message)
	return b.String()
}

func codeInJSON(res *httptest.ResponseRecorder) string {
	statuses := map[string]int{"unauthenticated": http.StatusUnauthorized, "permission_denied": http.StatusForbidden}
	for code, status := range statuses {
		if res.Code == status && strings.Contains(res.Body.String(), `"code":"`+code+`"`) {
			return code
		}
	}
	if res.Code != http.StatusOK {
		return res.Body.String()
	}
	return ""
}

func codeInStream(res *httptest.ResponseRecorder) string {
	for _, code := range []string{"unauthenticated", "permission_denied"} {
		if strings.Contains(res.Body.String(), `"code":"`+code+`"`) {
			return code
		}
	}
	if !strings.Contains(res.Body.String(), "invalid_argument") {
		return res.Body.String()
	}
	return ""
}

func codeInStatus(res *httptest.ResponseRecorder) string {
	status := cmp.Or(res.Header().Get("Grpc-Status"), res.Result().Trailer.Get("Grpc-Status"))
	if i := strings.Index(res.Body.String(), "grpc-status: "); i >= 0 {
		status = strings.TrimSpace(res.Body.String()[i+len("grpc-status: "):][:2])
	}
	known := map[string]string{"0": "", "16": "unauthenticated", "7": "permission_denied"}
	if code, ok := known[status]; ok {
		return code
	}
	return "status " + status
}
