package socketio

import (
	"bytes"
	"iter"
)

// The types of Engine.IO packets, each a packet's first byte:
// https://socket.io/docs/v4/engine-io-protocol/#protocol
const (
	engineOpen    = '0'
	engineClose   = '1'
	enginePing    = '2'
	enginePong    = '3'
	engineMessage = '4'
	engineUpgrade = '5'
	engineNoop    = '6'
	// engineBinary begins a binary message in a polling payload, in base64.
	engineBinary = 'b'
)

// separator stands between the packets of a polling payload.
const separator = '\x1e'

// probe is what the packets carry by which a client tries a WebSocket.
const probe = "probe"

// packets returns the packets of a polling payload.
func packets(payload []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for more := true; more; {
			var packet []byte
			packet, payload, more = bytes.Cut(payload, []byte{separator})
			if !yield(packet) {
				return
			}
		}
	}
}
