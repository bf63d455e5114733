package socketio

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// session is a conversation that outlives its sockets.
type session struct {
	// id is what the client keeps. Whoever shows it is let in, so it stays between us.
	id string
	// sender is the part of it that everybody may know.
	sender string
}

// signer makes session ids and knows its own: 32 hexadecimal digits, which are the
// sender, a dot, and a signature over them and the subject of the client's token. So
// nobody can make an id up, or use one that somebody else's token was shown for.
type signer struct {
	key []byte
	// name is the channel's: an id of one is none of another.
	name string
}

const (
	senderLength    = 32
	signatureLength = 16 // bytes; HMAC may be cut to half: https://www.rfc-editor.org/rfc/rfc2104#section-5
)

// issue returns a new session.
func (s signer) issue(subject string) session {
	var b [senderLength / 2]byte
	_, _ = rand.Read(b[:]) // never fails: https://pkg.go.dev/crypto/rand#Read
	sender := hex.EncodeToString(b[:])
	return session{id: sender + "." + s.sign(sender, subject), sender: sender}
}

// recognize returns the session of an id that was issued for the subject.
func (s signer) recognize(id, subject string) (session, bool) {
	sender, signature, found := strings.Cut(id, ".")
	if !found || len(sender) != senderLength || !hmac.Equal([]byte(signature), []byte(s.sign(sender, subject))) {
		return session{}, false
	}
	return session{id: id, sender: sender}, true
}

func (s signer) sign(sender, subject string) string {
	mac := hmac.New(sha256.New, s.key)
	for _, part := range []string{"session", s.name, sender} {
		mac.Write([]byte(part))
		mac.Write([]byte{0})
	}
	mac.Write([]byte(subject))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:signatureLength])
}

// newSocketID returns an id that cannot be guessed.
func newSocketID() string {
	var b [15]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
