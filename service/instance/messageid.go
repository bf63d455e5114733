package instance

import (
	"crypto/rand"
	"encoding/hex"
)

// NewMessageID returns 32 random hex digits, the form of Rasa's message ids.
func NewMessageID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: https://pkg.go.dev/crypto/rand#Read
	return hex.EncodeToString(b[:])
}
