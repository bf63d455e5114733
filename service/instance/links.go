package instance

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Links makes and checks links at which anyone may read a medium for a while. Its methods
// may be called concurrently.
type Links struct {
	publicURL string
	key       atomic.Pointer[[]byte]
	now       func() time.Time
}

// NewLinks returns the links of a --public-url, which may be empty. Until UseKey their key
// is a random one: the links end with the program, and other replicas do not know them.
func NewLinks(publicURL string) *Links {
	l := &Links{publicURL: publicURL, now: time.Now}
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails: https://pkg.go.dev/crypto/rand#Read
	l.key.Store(&key)
	return l
}

// UseKey sets the key that all replicas share, before the first link is made.
func (l *Links) UseKey(key channels.Secret) {
	b := []byte(key.Reveal())
	l.key.Store(&b)
}

// PublicURL returns the --public-url, without a slash at its end.
func (l *Links) PublicURL() string { return l.publicURL }

// Sign returns a link to a medium of a channel, by its ref, that lives so long; "" without
// a --public-url.
func (l *Links) Sign(channel, ref string, life time.Duration) string {
	if l.publicURL == "" {
		return ""
	}
	expires := strconv.FormatInt(l.now().Add(life).Unix(), 10)
	query := url.Values{"expires": {expires}, "signature": {encodeID(l.signature(channel, ref, expires))}}
	return l.publicURL + WebhooksPath + channel + "/media/" + encodeID([]byte(ref)) + "?" + query.Encode()
}

// Verify returns the ref that a link names, by its last segment and its query. An error is
// CodePermissionDenied when nobody here has signed it, CodeGone when its time is over.
func (l *Links) Verify(channel, id string, query url.Values) (ref string, err error) {
	forged := channels.Errorf(channels.CodePermissionDenied, "the link is not signed, or was changed")
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(id)
	if err != nil {
		return "", forged
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(query.Get("signature"))
	ref = string(decoded)
	expires := query.Get("expires")
	if err != nil || !hmac.Equal(signature, l.signature(channel, ref, expires)) {
		return "", forged
	}
	until, err := strconv.ParseInt(expires, 10, 64) // is as Sign wrote it
	if err != nil || l.now().Unix() >= until {
		return "", channels.Errorf(channels.CodeGone, "the link has expired")
	}
	return ref, nil
}

func (l *Links) signature(channel, ref, expires string) []byte {
	return l.Digest("link", channel, ref, expires)
}

// Digest returns what only those with the key can compute of some texts. The purpose keeps
// the digests of one use apart from those of another.
func (l *Links) Digest(purpose string, texts ...string) []byte {
	h := hmac.New(sha256.New, *l.key.Load())
	for _, text := range append([]string{purpose}, texts...) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(text)))
		h.Write(length[:]) // no two lists of texts look the same
		h.Write([]byte(text))
	}
	return h.Sum(nil)
}

func encodeID(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
