package callback

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// The headers of Standard Webhooks:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
const (
	headerID        = "webhook-id"
	headerTimestamp = "webhook-timestamp"
	headerSignature = "webhook-signature"
)

// key signs by the symmetric scheme "v1". An empty one signs nothing.
type key []byte

// signingKey returns the key of a signing_secret. As in the reference libraries the
// prefix may be missing and the rest is base64 all the same.
func signingKey(s channels.Secret) (key, error) {
	if s == "" {
		return nil, nil
	}
	k, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Reveal(), "whsec_"))
	if err != nil || len(k) == 0 {
		return nil, errors.New(`signing_secret: expected base64, usually after "whsec_": make one by openssl rand -base64 32`)
	}
	return k, nil
}

// sign adds the headers that prove id, time and body.
func (k key) sign(h http.Header, id string, at time.Time, body []byte) {
	if len(k) == 0 {
		return
	}
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, k)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	h.Set(headerTimestamp, timestamp)
	h.Set(headerSignature, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
