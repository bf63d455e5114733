package channels

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
)

// The headers of Standard Webhooks:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
const (
	HeaderWebhookID        = "webhook-id"
	HeaderWebhookTimestamp = "webhook-timestamp"
	HeaderWebhookSignature = "webhook-signature"
)

// SigningKey signs what is posted by the symmetric scheme "v1" of Standard Webhooks. An empty
// one signs nothing.
type SigningKey []byte

// ParseSigningKey returns the key of a secret, an empty one of an empty secret. As in the
// reference libraries the prefix "whsec_" may be missing and the rest is base64 all the same.
func ParseSigningKey(s Secret) (SigningKey, error) {
	if s == "" {
		return nil, nil
	}
	k, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Reveal(), "whsec_"))
	if err != nil || len(k) == 0 {
		return nil, errors.New(`expected base64, usually after "whsec_": make one by openssl rand -base64 32`)
	}
	return k, nil
}

// Sign adds the headers that prove id, time and body. The header of the id is the caller's to
// set.
func (k SigningKey) Sign(h http.Header, id string, at time.Time, body []byte) {
	if len(k) == 0 {
		return
	}
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, k)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	h.Set(HeaderWebhookTimestamp, timestamp)
	h.Set(HeaderWebhookSignature, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
