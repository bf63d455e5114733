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

// The signature of the test in the reference libraries is right, for 5 minutes.
// https://github.com/standard-webhooks/standard-webhooks/tree/main/libraries
func TestVerify(t *testing.T) {
	t.Parallel()
	const (
		secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		id     = "msg_p5jXN8AQM9LWM0D4loKWxJek"
		stamp  = "1614265330"
		body   = `{"test": 2432232314}`
		signed = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
		other  = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
	)
	for name, x := range map[string]struct {
		secret               channels.Secret
		id, stamp, body, sig string
		late                 time.Duration
		want                 string // "" for none, or what the error names
	}{
		"right":              {secret, id, stamp, body, signed, 0, ""},
		"nearly too old":     {secret, id, stamp, body, signed, 5 * time.Minute, ""},
		"too old":            {secret, id, stamp, body, signed, 5*time.Minute + time.Second, "the last 5m0s"},
		"ahead":              {secret, id, stamp, body, signed, -6 * time.Minute, "the last 5m0s"},
		"the second of two":  {secret, id, stamp, body, other + "  " + signed, 0, ""},
		"beside one of v1a":  {secret, id, stamp, body, "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg== " + signed, 0, ""},
		"of another version": {secret, id, stamp, body, "v2" + signed[2:], 0, "block_key"},
		"without a version":  {secret, id, stamp, body, signed[3:], 0, "block_key"},
		"of others":          {secret, id, stamp, body, other + " " + other, 0, "block_key"},
		"none":               {secret, id, stamp, body, "", 0, "block_key"},
		"of another body":    {secret, id, stamp, body + " ", signed, 0, "block_key"},
		"of another id":      {secret, "2", stamp, body, signed, 0, "block_key"},
		"of no id":           {secret, "", stamp, body, signed, 0, "webhook-id"},
		"of another time":    {secret, id, "1614265331", body, signed, 0, "block_key"},
		"of no time":         {secret, id, "", body, signed, 0, "webhook-timestamp"},
		"of an odd time":     {secret, id, "-9223372036854775808", body, signed, 0, "the last"},
		"without a secret":   {"", id, stamp, body, signed, 0, "there is none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Unix(1614265330, 0).Add(x.late)))
				key, err := channels.ParseSigningKey(x.secret)
				if err != nil {
					t.Fatal(err)
				}
				err = key.Verify("block_key", http.Header{
					"Webhook-Id": {x.id}, "Webhook-Timestamp": {x.stamp}, "Webhook-Signature": {x.sig},
				}, []byte(x.body))
				var wrong *channels.SignatureError
				if x.want == "" && err != nil || x.want != "" && (!errors.As(err, &wrong) || !strings.Contains(wrong.Error(), x.want)) {
					t.Errorf("%v", err)
				}
				if err != nil && channels.AsError(err).Code != channels.CodeUnauthenticated {
					t.Errorf("the code of %v", err)
				}
			})
		})
	}
}
