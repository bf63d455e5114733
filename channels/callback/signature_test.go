package callback_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/callback"
)

// TestSign compares with what Python's hmac gives.
func TestSign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		secret channels.Secret
		want   http.Header
	}{
		{"prefix", "whsec_" + signingKey, http.Header{
			"Webhook-Timestamp": {"1700000000"}, "Webhook-Signature": {"v1,aUEP4q7HbfM3YQcRB23/dPwun3cyTAY2gVD6r0s4yFI="},
		}},
		{"no prefix", signingKey, http.Header{
			"Webhook-Timestamp": {"1700000000"}, "Webhook-Signature": {"v1,aUEP4q7HbfM3YQcRB23/dPwun3cyTAY2gVD6r0s4yFI="},
		}},
		{"no key", "", http.Header{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := callback.Sign(c.secret, "part-1", time.Unix(1700000000, 5e8), `{"recipient_id":"ann","text":"Grüß dich"}`)
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("error %v, -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	const other = "b3RoZXIga2V5IG9mIHRoZSB0ZXN0cyBoZXJl"
	for _, c := range []struct {
		name  string
		block string
		taken bool
	}{
		{"signed", "signing_secret: whsec_" + signingKey, true},
		{"another key", "signing_secret: " + other, false},
		{"not signed", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := &target{key: signingKey}
			channel, err := configured(t, "url: "+g.listen(t, (*httptest.Server).Start)+"\n"+c.block).Open(channels.Env{})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // a second attempt is signed anew
				_, err = channel.(channels.Sender).Send(t.Context(), part(channels.Reply{Text: "Grüß dich"}))
				if c.taken && err != nil || !c.taken && channels.AsSendError(err).Class != channels.SendUnauthorized {
					t.Errorf("error %v", err)
				}
			}
		})
	}
}

// TestSignatureProves changes a signed request on its way.
func TestSignatureProves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(h http.Header, body []byte)
		want   bool
	}{
		{"nothing", func(http.Header, []byte) {}, true},
		{"body", func(_ http.Header, body []byte) { body[len(body)-3] = '!' }, false},
		{"id", func(h http.Header, _ []byte) { h.Set("webhook-id", "part-2") }, false},
		{"time", func(h http.Header, _ []byte) { h.Set("webhook-timestamp", strconv.FormatInt(time.Now().Unix()+60, 10)) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got bool
			g := &target{key: signingKey, answer: func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				c.change(r.Header, body)
				got = verified(signingKey, r.Header, bytes.Clone(body))
			}}
			channel, err := configured(t, "url: "+g.listen(t, (*httptest.Server).Start)+"\nsigning_secret: "+signingKey).Open(channels.Env{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := channel.(channels.Sender).Send(t.Context(), part(channels.Reply{Text: "Hi"})); err != nil || got != c.want {
				t.Errorf("error %v, genuine: %t", err, got)
			}
		})
	}
}
