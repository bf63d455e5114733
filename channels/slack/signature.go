package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// maxAge is how old a signature may be, or how far ahead. It bounds for how long what somebody
// has overheard can be sent again.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
const maxAge = 5 * time.Minute

// verify checks that a request is signed by Slack, now. It is called before the body is parsed.
func (c *Channel) verify(h http.Header, body []byte) error {
	if isCheck(body) {
		return nil
	}
	if c.config.SlackSigningSecret == "" { // anyone can sign without one
		return wrongSignature("there is none, since events come by Socket Mode")
	}
	stamp := h.Get("X-Slack-Request-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return wrongSignature("the header X-Slack-Request-Timestamp is missing or no time")
	}
	if age := time.Since(time.Unix(seconds, 0)); age.Abs() > maxAge {
		return wrongSignature("it is not of the last 5 minutes: maybe the clock of this machine is wrong")
	}
	mac := hmac.New(sha256.New, []byte(c.config.SlackSigningSecret.Reveal()))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(body)
	if !hmac.Equal([]byte("v0="+hex.EncodeToString(mac.Sum(nil))), []byte(h.Get("X-Slack-Signature"))) {
		return wrongSignature("")
	}
	return nil
}

func wrongSignature(why string) error { return channels.WrongSignature("slack_signing_secret", why) }
