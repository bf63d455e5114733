package socketio

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Packet is what ParsePacket has read.
type Packet struct {
	Kind      byte
	Namespace string
	ID        string
	Data      string
}

// ParsePacket parses a Socket.IO packet and returns it, also as it would be sent.
func ParsePacket(b []byte) (p Packet, again string, err error) {
	parsed, err := parsePacket(b)
	if err != nil {
		return Packet{}, "", err
	}
	return Packet{parsed.kind, parsed.namespace, parsed.id, string(parsed.data)}, string(parsed.append(nil)), nil
}

// ParseEvent returns the name and the arguments of an event's data.
func ParseEvent(data json.RawMessage) (string, []json.RawMessage, error) {
	return packet{data: data}.event()
}

// Packets returns the packets of a polling payload.
func Packets(payload []byte) [][]byte { return slices.Collect(packets(payload)) }

// Payload returns what a reply looks like to a client.
func Payload(r channels.Reply) (json.RawMessage, error) { return payloadOf(r) }

// IssueSession returns a session id and its sender.
func IssueSession(key, channel, subject string) (id, sender string) {
	s := signer{[]byte(key), channel}.issue(subject)
	return s.id, s.sender
}

// VerifySession returns the sender of an id that was issued for the subject.
func VerifySession(key, channel, id, subject string) (string, bool) {
	s, ok := signer{[]byte(key), channel}.verify(id, subject)
	return s.sender, ok
}

// VerifyToken asks a token of a client that connects, and returns its subject and its end.
func VerifyToken(key channels.Secret, method string, requireExp bool, auth string) (string, time.Time, error) {
	g, err := newVerifier(key, method, requireExp)
	if err != nil {
		return "", time.Time{}, err
	}
	granted, err := g.verify(json.RawMessage(auth))
	return granted.subject, granted.expires, err
}

// Connections returns how many there are.
func (c *Channel) Connections() int {
	c.engine.mu.Lock()
	defer c.engine.mu.Unlock()
	return len(c.engine.conns)
}

// Senders returns how many senders are connected.
func (c *Channel) Senders() int {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	return len(c.hub.sockets)
}

// Waits returns how long each of the events at these times must wait.
func Waits(perSecond int, at ...time.Time) (waits []time.Duration) {
	r := newBucket(perSecond)
	for _, t := range at {
		waits = append(waits, r.take(t))
	}
	return waits
}
