package channeltest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/channeltest"
)

// signedConfig is a channel whose requests are signed with the key secret. Refuse answers
// one whose signature does not match; nil takes it.
type signedConfig struct {
	Secret channels.Secret `yaml:"secret"`
	refuse func(env channels.Env, w http.ResponseWriter, r *http.Request)
	env    channels.Env
}

func (*signedConfig) Validate() error { return nil }
func (*signedConfig) Signed() bool    { return true }

func (c *signedConfig) Open(env channels.Env) (channels.Channel, error) {
	c.env = env
	return c, nil
}

func (c *signedConfig) Inbound(in channels.Inbox) http.Handler {
	next := channels.Webhook{}.Inbound(in)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && c.refuse != nil && r.URL.Path == "/webhook" && strings.HasPrefix(string(body), "{") && r.Header.Get("X-Signature") != signature(body) {
			c.refuse(c.env, w, r)
			return
		}
		if err == nil {
			r.Body = io.NopCloser(strings.NewReader(string(body)))
		} else {
			r.Body = http.MaxBytesReader(w, io.NopCloser(strings.NewReader("x")), 0)
		}
		next.ServeHTTP(w, r)
	})
}

func signature(body []byte) string {
	mac := hmac.New(sha256.New, []byte("k"))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func TestContractOfSignatures(t *testing.T) {
	t.Parallel()
	const check = "tells its log which key a signature does not match"
	for _, c := range []struct {
		name   string
		refuse func(env channels.Env, w http.ResponseWriter, r *http.Request)
		fails  bool
	}{
		{"names the key", func(_ channels.Env, w http.ResponseWriter, _ *http.Request) {
			channels.WriteError(w, channels.WrongSignature("secret", "too old"))
		}, false},
		{"tells by Env.Record", func(env channels.Env, w http.ResponseWriter, r *http.Request) {
			env.Record(r.Context(), channels.Exchange{Verdict: channels.VerdictSignatureWrong, Text: "no match for secret"})
			w.WriteHeader(http.StatusForbidden)
		}, false},
		{"tells nobody", func(_ channels.Env, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, true},
		{"names no key", func(_ channels.Env, w http.ResponseWriter, _ *http.Request) {
			channels.WriteError(w, channels.Errorf(channels.CodeUnauthenticated, "wrong"))
		}, true},
		{"takes what is not signed", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			typ := channels.Type{Name: "signed", New: func() channels.Config { return &signedConfig{refuse: c.refuse} }}
			request := good()
			request.Header = map[string]string{"X-Signature": signature([]byte(request.Body))}
			if got := slices.Contains(channeltest.Failed(typ, request), check); got != c.fails {
				t.Errorf("the check fails: %v, want %v", got, c.fails)
			}
		})
	}
}

// A client that does not come from Env leaves nothing in the log.
func TestContractFindsCallsThatAreNotRecorded(t *testing.T) {
	t.Parallel()
	send := func(ctx context.Context, env channels.Env, p channels.Part) error {
		env.Record = nil
		return post(ctx, env, p)
	}
	want := []string{"tells its log of each call of its platform"}
	if diff := cmp.Diff(want, channeltest.Failed(typ(fakeConfig{send: send}), good(), platform())); diff != "" {
		t.Errorf("failed checks (-want +got):\n%s", diff)
	}
}

func TestCaseLogged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		logged []channels.Verdict
		ok     bool
	}{
		{"compares nothing", nil, true},
		{"as expected", []channels.Verdict{channels.VerdictRefused}, true},
		{"another verdict", []channels.Verdict{channels.VerdictIgnored}, false},
		{"none", []channels.Verdict{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			table := channeltest.Case{
				Body: "{}", Status: 400, Logged: c.logged,
				Answer: `{"error":{"code":"invalid_argument","message":"key \"message\" is missing: expected the user's text, which may be empty"}}`,
			}
			if err := table.Run(channels.Webhook{}); (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}
