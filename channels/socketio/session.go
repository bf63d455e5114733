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
	// id is what the client keeps. It is a credential: whoever shows it may go on with
	// the conversation.
	id string
	// sender is the part of the id that is no secret.
	sender string
}

// signer issues session ids and verifies them. An id is the sender, which is 32
// hexadecimal digits, a dot, and a signature over the sender and the subject of the
// client's token. So nobody can make up an id, or use one that was issued for the subject
// of another token.
type signer struct {
	key []byte
	// name is the channel's. It is signed too, so that an id of one channel is not valid
	// on another.
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

// verify returns the session of an id that was issued for the subject.
func (s signer) verify(id, subject string) (session, bool) {
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
