package auth_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// With an operator's token, whoever has it may call. Without one only this machine may.
// The same holds for the metrics.
func TestOperator(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from, header, authToken, token string
		host                                 string // the one called, localhost:5005 by default
		code                                 string // "" means let in
	}{
		{name: "this machine", from: "127.0.0.1:5"},
		{name: "this machine by another name", from: "127.9.9.9:5"},
		{name: "this machine over IPv6", from: "[::1]:5"},
		{name: "this machine as a mapped address", from: "[::ffff:127.0.0.1]:5"},
		{name: "a token that is not needed", from: "127.0.0.1:5", token: "any"},
		{name: "another machine", from: "192.0.2.1:5", code: "permission_denied"},
		{name: "another machine over IPv6", from: "[2001:db8::1]:5", code: "permission_denied"},
		{name: "no address", from: "@", code: "permission_denied"},
		{name: "another machine that guesses a token", from: "192.0.2.1:5", token: "any", code: "permission_denied"},
		{name: "X-Forwarded-For", from: "127.0.0.1:5", header: "X-Forwarded-For", code: "permission_denied"},
		{name: "X-Forwarded-Host", from: "127.0.0.1:5", header: "X-Forwarded-Host", code: "permission_denied"},
		{name: "X-Forwarded-Proto", from: "127.0.0.1:5", header: "X-Forwarded-Proto", code: "permission_denied"},
		{name: "Forwarded", from: "127.0.0.1:5", header: "Forwarded", code: "permission_denied"},
		{name: "X-Real-IP", from: "127.0.0.1:5", header: "X-Real-IP", code: "permission_denied"},
		{name: "Via", from: "127.0.0.1:5", header: "Via", code: "permission_denied"},
		{name: "a web page", from: "127.0.0.1:5", header: "Origin", code: "permission_denied"},
		{name: "by its address", from: "127.0.0.1:5", host: "127.0.0.1:5005"},
		{name: "by its IPv6 address", from: "[::1]:5", host: "[::1]"},
		{name: "a page by a name that leads here", from: "127.0.0.1:5", host: "evil.example:5005", code: "permission_denied"},
		{name: "no token", from: "127.0.0.1:5", authToken: "0perator", code: "unauthenticated"},
		{name: "a wrong token", from: "127.0.0.1:5", authToken: "0perator", token: "0perato", code: "unauthenticated"},
		{name: "a channel's token", from: "127.0.0.1:5", authToken: "0perator", token: "s3cret", code: "unauthenticated"},
		{name: "the token", from: "127.0.0.1:5", authToken: "0perator", token: "0perator"},
		{name: "the token from another machine", from: "192.0.2.1:5", authToken: "0perator", token: "0perator"},
		{name: "the token through a proxy", from: "127.0.0.1:5", header: "X-Forwarded-For", authToken: "0perator", token: "0perator"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := service.New(service.Config{
				Channels: servicetest.Channels(t, "rest: {token: s3cret}\n"), Agent: servicetest.UncalledAgent(t), Journal: memory.Open(), AuthToken: channels.Secret(c.authToken),
			})
			for _, g := range guardedRequests() {
				req := g.request()
				req.RemoteAddr, req.Host = c.from, cmp.Or(c.host, "localhost:5005")
				if c.header != "" {
					req.Header.Set(c.header, "192.0.2.1")
				}
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
