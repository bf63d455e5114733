package channels_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
)

func TestHMACSignature(t *testing.T) {
	t.Parallel()
	const (
		body   = `{"type":"url_verification","challenge":"c1"}`
		stamp  = "1700000000"
		signed = "v0=5ce874b7d01bea615ea8892a63fe5dfd621a007f728f2893cdad2b4b5daa67f7" // two other implementations agree
	)
	for name, x := range map[string]struct {
		secret, stamp, signed, body string
		late                        time.Duration
		want                        string // "" for none, or what the error names
	}{
		"right":                {"manyvox-test-secret", stamp, signed, body, 0, ""},
		"nearly too old":       {"manyvox-test-secret", stamp, signed, body, 5 * time.Minute, ""},
		"too old":              {"manyvox-test-secret", stamp, signed, body, 5*time.Minute + time.Second, "the last 5m0s"},
		"ahead":                {"manyvox-test-secret", stamp, signed, body, -6 * time.Minute, "the last 5m0s"},
		"no time":              {"manyvox-test-secret", "", signed, body, 0, "X-Time"},
		"another time":         {"manyvox-test-secret", "1700000001", signed, body, 0, "secret_key"},
		"another body":         {"manyvox-test-secret", stamp, signed, body + " ", 0, "secret_key"},
		"another secret":       {"other", stamp, signed, body, 0, "secret_key"},
		"no signature":         {"manyvox-test-secret", stamp, "", body, 0, "secret_key"},
		"another version":      {"manyvox-test-secret", stamp, "v1" + signed[2:], body, 0, "secret_key"},
		"no secret":            {"", stamp, signed, body, 0, "there is none"},
		"a time like no other": {"manyvox-test-secret", "-9223372036854775808", signed, body, 0, "the last"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Unix(1700000000, 0).Add(x.late)))
				s := channels.HMACSignature{
					Key: "secret_key", Secret: channels.Secret(x.secret), Version: "v0", TimeHeader: "X-Time", SignatureHeader: "X-Signature", MaxAge: 5 * time.Minute,
				}
				err := s.Verify(http.Header{"X-Time": {x.stamp}, "X-Signature": {x.signed}}, []byte(x.body))
				var wrong *channels.SignatureError
				if x.want == "" && err != nil || x.want != "" && (!errors.As(err, &wrong) || !strings.Contains(wrong.Error(), x.want)) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}
