package push

import (
	"crypto/sha256"
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// digestOf is the same for the same content. The address that was found counts for nothing: a
// repeat may find another. It is stored, so that its form stays.
func digestOf(m *Message) []byte {
	body, _ := json.Marshal(struct { // what was read as JSON is JSON
		Pushed  *channels.Reply
		Address *string
		Format  channels.Format `json:",omitempty"`
	}{&m.Reply, m.Address, m.Reply.Format})
	sum := sha256.Sum256(body)
	return sum[:]
}
