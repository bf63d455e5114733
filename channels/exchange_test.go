package channels_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/manyvox/manyvox/channels"
)

func TestExchangeJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		e    channels.Exchange
		want channels.Verdict
	}{
		{channels.Exchange{Status: 200}, channels.VerdictAnswered},
		{channels.Exchange{Status: 101}, channels.VerdictAnswered},
		{channels.Exchange{Status: 302}, channels.VerdictAnswered},
		{channels.Exchange{Status: 404}, channels.VerdictRefused},
		{channels.Exchange{Status: 401}, channels.VerdictUnauthenticated},
		{channels.Exchange{Status: 503}, channels.VerdictFailed},
		{channels.Exchange{Status: 503, Verdict: channels.VerdictIgnored}, channels.VerdictIgnored},
		{channels.Exchange{Status: 200, Verdict: 99}, channels.VerdictAnswered},
		{channels.Exchange{Direction: channels.DirectionOut, Status: 201}, channels.VerdictAccepted},
		{channels.Exchange{Direction: channels.DirectionOut, Status: 302}, channels.VerdictFailed},
		{channels.Exchange{Direction: channels.DirectionOut, Status: 401}, channels.VerdictFailed},
		{channels.Exchange{Direction: channels.DirectionOut}, channels.VerdictFailed},
	} {
		if got := c.e.Judge().Verdict; got != c.want {
			t.Errorf("%v %d: %v, want %v", c.e.Direction, c.e.Status, got, c.want)
		}
	}
}

func TestExchangeWithError(t *testing.T) {
	t.Parallel()
	cause := errors.New("a cause with internals")
	for _, c := range []struct {
		err  error
		want channels.Exchange
	}{
		{channels.WrongSignature("signing_secret", ""), channels.Exchange{
			Verdict: channels.VerdictSignatureWrong, Code: "unauthenticated", Text: "signature does not match signing_secret",
		}},
		{fmt.Errorf("x: %w", channels.WrongSignature("app_secret", "the header is missing")), channels.Exchange{
			Verdict: channels.VerdictSignatureWrong, Code: "unauthenticated", Text: "signature does not match app_secret: the header is missing",
		}},
		{channels.Errorf(channels.CodeUnauthenticated, "no token"), channels.Exchange{Verdict: channels.VerdictUnauthenticated, Code: "unauthenticated", Text: "no token"}},
		{channels.Errorf(channels.CodeTooLarge, "large"), channels.Exchange{Verdict: channels.VerdictRefused, Code: "too_large", Text: "large"}},
		{channels.Errorf(channels.CodeRateLimited, "slowly"), channels.Exchange{Verdict: channels.VerdictRefused, Code: "resource_exhausted", Text: "slowly"}},
		{channels.Errorf(channels.CodeOverloaded, "full"), channels.Exchange{Verdict: channels.VerdictFailed, Code: "resource_exhausted", Text: "full"}},
		{&channels.Error{Code: channels.CodeAgentFailed, Message: "the agent failed", Err: cause}, channels.Exchange{Verdict: channels.VerdictFailed, Code: "agent_failed", Text: "the agent failed"}},
		{cause, channels.Exchange{Verdict: channels.VerdictFailed, Code: "internal", Text: "internal error, see the log"}},
		{context.Canceled, channels.Exchange{Verdict: channels.VerdictFailed, Code: "canceled", Text: "the caller went away"}},
	} {
		if diff := cmp.Diff(c.want, channels.Exchange{}.WithError(c.err)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.err, diff)
		}
	}
}

// A caller whose signature is wrong does not learn which key it is checked with.
func TestWrongSignature(t *testing.T) {
	t.Parallel()
	if e := channels.WrongSignature("signing_secret", "why"); strings.Contains(e.Message, "signing_secret") || e.Code != channels.CodeUnauthenticated {
		t.Errorf("%v: %s", e.Code, e.Message)
	}
}

// A client tells of each call, with nothing of the query and of the headers.
func TestClientRecords(t *testing.T) {
	t.Parallel()
	ok := platform(t, func(w http.ResponseWriter, _ *http.Request) {})
	busy := platform(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	broken := platform(t, hijacks(echo("HTTP/9 nonsense %s")))
	host := func(address string) string { return strings.TrimPrefix(address, "http://") }
	for _, c := range []struct {
		name, address string
		want          channels.Exchange
	}{
		{"taken", ok, channels.Exchange{Status: 200}},
		{"busy", busy, channels.Exchange{Status: 503, Code: "503", Text: "status 503 Service Unavailable"}},
		{"broken", broken, channels.Exchange{
			Verdict: channels.VerdictFailed, Code: "unknown_after_send",
			Text: "unknown_after_send: the connection broke, or the answer is not HTTP",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []channels.Exchange
			type key struct{}
			env := channels.Env{Record: func(ctx context.Context, e channels.Exchange) {
				if ctx.Value(key{}) != "the caller's" {
					t.Error("the context is another")
				}
				if e.Began.IsZero() || e.Duration <= 0 {
					t.Errorf("began %v, took %v", e.Began, e.Duration)
				}
				got = append(got, e)
			}}
			res, err := call(context.WithValue(t.Context(), key{}, "the caller's"), env.Client(channels.ClientConfig{}), c.address+"/bot%2Fx/send?token=s3cret")
			if err == nil {
				_ = res.Body.Close()
			}
			c.want.Direction, c.want.Route, c.want.Bytes = channels.DirectionOut, "POST "+host(c.address)+"/bot/x/send", int64(len("part"))
			if diff := cmp.Diff([]channels.Exchange{c.want}, got, cmpopts.IgnoreFields(channels.Exchange{}, "Began", "Duration")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
