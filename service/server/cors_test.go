package server_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// crossOrigin returns the headers that decide what a browser allows.
func crossOrigin(h http.Header) map[string]string {
	found := map[string]string{}
	for name, values := range h {
		if short, ok := strings.CutPrefix(name, "Access-Control-"); ok {
			found[short] = strings.Join(values, ", ")
		}
	}
	return found
}

// TestEdge08_09Preflight: a page that may call may send any header.
func TestEdge08_09Preflight(t *testing.T) {
	t.Parallel()
	const page = "https://app.example"
	for _, c := range []struct {
		name            string
		allowed         []string
		method, headers string
		want            map[string]string
	}{
		{name: "none configured", method: "POST"},
		{name: "another origin", allowed: []string{"https://other.example"}, method: "POST"},
		{name: "another scheme", allowed: []string{"http://app.example"}, method: "POST"},
		{
			name: "this origin", allowed: []string{"https://other.example", page}, method: "POST",
			want: map[string]string{"Allow-Origin": page, "Allow-Methods": "POST", "Allow-Credentials": "true", "Max-Age": "7200"},
		},
		{
			name: "headers of Connect, gRPC-Web and a token", allowed: []string{page}, method: "POST",
			headers: "authorization,connect-protocol-version,connect-timeout-ms,content-type,grpc-timeout,x-grpc-web,x-user-agent",
			want: map[string]string{
				"Allow-Origin": page, "Allow-Methods": "POST", "Allow-Credentials": "true", "Max-Age": "7200",
				"Allow-Headers": "authorization,connect-protocol-version,connect-timeout-ms,content-type,grpc-timeout,x-grpc-web,x-user-agent",
			},
		},
		{
			name: "headers of a page's tools", allowed: []string{page}, method: "POST",
			headers: "baggage,cache-control,sentry-trace,traceparent,x-requested-with",
			want: map[string]string{
				"Allow-Origin": page, "Allow-Methods": "POST", "Allow-Credentials": "true", "Max-Age": "7200",
				"Allow-Headers": "baggage,cache-control,sentry-trace,traceparent,x-requested-with",
			},
		},
		{
			name: "a name below the host", allowed: []string{"https://*.example"}, method: "POST",
			want: map[string]string{"Allow-Origin": page, "Allow-Methods": "POST", "Allow-Credentials": "true", "Max-Age": "7200"},
		},
		{name: "another origin's headers", allowed: []string{"https://other.example"}, method: "POST", headers: "x-requested-with"},
		{name: "a method that nobody needs", allowed: []string{page}, method: "DELETE"},
		{
			name: "any origin, never with credentials", allowed: []string{"*"}, method: "GET",
			want: map[string]string{"Allow-Origin": "*", "Allow-Methods": "GET", "Max-Age": "7200"},
		},
		{
			name: "any origin and this one, never with credentials", allowed: []string{page, "*"}, method: "GET",
			want: map[string]string{"Allow-Origin": "*", "Allow-Methods": "GET", "Max-Age": "7200"},
		},
	} {
		for _, path := range []string{"/webhooks/rest/webhook", manyvoxv1connect.ChannelServiceReceiveProcedure} {
			t.Run(c.name+path, func(t *testing.T) {
				t.Parallel()
				s := service.New(service.Config{Channels: servicetest.Channels(t, "rest: {token: s3cret}"), Journal: memory.Open(), Agent: servicetest.UncalledAgent(t), HTTPOptions: service.HTTPOptions{CORS: c.allowed}})
				req := httptest.NewRequest(http.MethodOptions, path, nil)
				req.Header.Set("Origin", page)
				req.Header.Set("Access-Control-Request-Method", c.method)
				if c.headers != "" {
					req.Header.Set("Access-Control-Request-Headers", c.headers)
				}
				res := servicetest.Record(s.Handler(), req)
				want := c.want
				if want == nil {
					want = map[string]string{}
				}
				if diff := cmp.Diff(want, crossOrigin(res.Header())); diff != "" {
					t.Errorf("%d (-want +got):\n%s", res.Code, diff)
				}
			})
		}
	}
}

func TestCORSAnswers(t *testing.T) {
	t.Parallel()
	const page = "https://app.example"
	for _, c := range []struct {
		name        string
		allowed     []string
		origin      string // what the answer allows
		credentials string
	}{
		{"none configured", nil, "", ""},
		{"another origin", []string{"https://other.example"}, "", ""},
		{"this origin", []string{page}, page, "true"},
		{"any origin", []string{"*"}, "*", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := service.New(service.Config{Channels: servicetest.Channels(t, "rest:"), Journal: memory.Open(), Agent: servicetest.ReplyWith("hi"), HTTPOptions: service.HTTPOptions{CORS: c.allowed}})
			req := httptest.NewRequest(http.MethodPost, "/webhooks/rest/webhook", strings.NewReader(`{"message":"hi"}`))
			req.Header.Set("Origin", page)
			res := servicetest.Record(s.Handler(), req)
			if res.Code != http.StatusOK {
				t.Errorf("%d %s", res.Code, res.Body)
			}
			got := crossOrigin(res.Header())
			if got["Allow-Origin"] != c.origin || got["Allow-Credentials"] != c.credentials {
				t.Errorf("%v, want origin %q, credentials %q", got, c.origin, c.credentials)
			}
			if c.origin == "" {
				return
			}
			exposed := strings.Split(got["Expose-Headers"], ", ")
			for _, name := range []string{"Grpc-Status", "Grpc-Message", "Grpc-Status-Details-Bin", "Retry-After"} {
				if !slices.Contains(exposed, name) {
					t.Errorf("%s is not exposed: %v", name, exposed)
				}
			}
		})
	}
}
