package instance

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"

	"github.com/manyvox/manyvox/channels"
)

// ConversationHash names a conversation in the log without naming the sender: the
// first 16 hex digits of the SHA-256 of "<channel>\x00<sender>". It is computed
// only when the line is written.
type ConversationHash channels.Conversation

// LogValue returns the hash.
func (c ConversationHash) LogValue() slog.Value {
	sum := sha256.Sum256([]byte(c.Channel + "\x00" + c.Sender))
	return slog.StringValue(hex.EncodeToString(sum[:8]))
}

var _ slog.LogValuer = ConversationHash{}
