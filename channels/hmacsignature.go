package channels

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// HMACSignature checks what a platform signs with a secret that both know: the time and the body,
// by HMAC-SHA256 in hexadecimal. Version stands before all of them, as in "v0:1700000000:{...}" and
// "v0=5ce8...".
type HMACSignature struct {
	// Key is what the secret is called in the channel's block. Without a Secret every request is
	// refused, since anyone could sign.
	Key    string
	Secret Secret
	// Version, TimeHeader and SignatureHeader are the platform's.
	Version, TimeHeader, SignatureHeader string
	// MaxAge is how old a signature may be, or how far ahead of our clock. For so long a request
	// that somebody has overheard can be sent again.
	MaxAge time.Duration
}

// Verify is what EventWebhook wants: its error is that of WrongSignature. It compares in constant
// time.
func (s HMACSignature) Verify(h http.Header, body []byte) error {
	if s.Secret == "" {
		return WrongSignature(s.Key, "there is none in the block")
	}
	stamp := h.Get(s.TimeHeader)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return WrongSignature(s.Key, "the header "+s.TimeHeader+" is missing or no time")
	}
	if time.Since(time.Unix(seconds, 0)).Abs() > s.MaxAge {
		return WrongSignature(s.Key, "it is not of the last "+s.MaxAge.String()+": maybe the clock of this machine is wrong")
	}
	mac := hmac.New(sha256.New, []byte(s.Secret.Reveal()))
	mac.Write([]byte(s.Version + ":" + stamp + ":"))
	mac.Write(body)
	if !hmac.Equal([]byte(s.Version+"="+hex.EncodeToString(mac.Sum(nil))), []byte(h.Get(s.SignatureHeader))) {
		return WrongSignature(s.Key, "")
	}
	return nil
}
