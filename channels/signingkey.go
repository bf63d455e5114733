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

// maxSignatureAge is how old a signature may be, or how far ahead of our clock, as in the
// reference libraries.
const maxSignatureAge = 5 * time.Minute

// SigningKey signs what is posted, and checks what others have signed, by the symmetric scheme
// "v1" of Standard Webhooks. An empty one signs nothing.
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
	h.Set(HeaderWebhookTimestamp, timestamp)
	h.Set(HeaderWebhookSignature, k.signature(id, timestamp, body))
}

func (k SigningKey) signature(id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, k)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Verify checks the headers that Sign adds, before anything of the body is parsed. Name is what
// the secret is called in its block. Its error is that of WrongSignature. One of several
// signatures is enough, since a sender whose secret changes signs with both. It compares in
// constant time.
func (k SigningKey) Verify(name string, h http.Header, body []byte) error {
	if len(k) == 0 {
		return WrongSignature(name, "there is none in the block")
	}
	id, timestamp := h.Get(HeaderWebhookID), h.Get(HeaderWebhookTimestamp)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	switch {
	case id == "":
		return WrongSignature(name, "the header "+HeaderWebhookID+" is missing")
	case err != nil:
		return WrongSignature(name, "the header "+HeaderWebhookTimestamp+" is missing or no time")
	case time.Since(time.Unix(seconds, 0)).Abs() > maxSignatureAge:
		return WrongSignature(name, "it is not of the last "+maxSignatureAge.String()+": maybe the clock of this machine is wrong")
	}
	want := []byte(k.signature(id, timestamp, body))
	for given := range strings.FieldsSeq(h.Get(HeaderWebhookSignature)) {
		if hmac.Equal(want, []byte(given)) {
			return nil
		}
	}
	return WrongSignature(name, "")
}
