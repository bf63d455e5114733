package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
)

// The types of Socket.IO packets: https://socket.io/docs/v4/socket-io-protocol/#exchange-protocol
const (
	typeConnect      = '0'
	typeDisconnect   = '1'
	typeEvent        = '2'
	typeAck          = '3'
	typeConnectError = '4'
	typeBinaryEvent  = '5'
	typeBinaryAck    = '6'
)

// maxAckID is how many digits an id may have; clients count from 0.
const maxAckID = 15

// packet is a Socket.IO packet: <type>[<attachments>-][<namespace>,][<id>][<data>].
type packet struct {
	kind      byte
	namespace string
	// id is that of an event whose receipt the client waits for, in digits.
	id   string
	data json.RawMessage
}

// parsePacket parses the content of an Engine.IO message.
func parsePacket(b []byte) (p packet, err error) {
	if len(b) == 0 || b[0] < typeConnect || b[0] > typeBinaryAck {
		return p, errors.New("a packet of no known type")
	}
	p.kind, p.namespace, b = b[0], "/", b[1:]
	if p.kind == typeBinaryEvent || p.kind == typeBinaryAck {
		if b, err = skipAttachments(b); err != nil {
			return p, err
		}
	}
	if len(b) > 0 && b[0] == '/' {
		name, rest, _ := bytes.Cut(b, []byte{','})
		name, _, _ = bytes.Cut(name, []byte{'?'}) // what old clients append
		p.namespace, b = string(name), rest
	}
	digits := digitsOf(b)
	if digits > maxAckID {
		return p, errors.New("a packet whose id is too long")
	}
	p.id = string(b[:digits])
	if b = b[digits:]; len(b) > 0 {
		p.data = b
	}
	if p.data != nil && (b[0] != '[' && b[0] != '{' || !utf8.Valid(b) || !json.Valid(b)) {
		return p, errors.New("a packet whose data is neither a list nor an object")
	}
	return p, nil
}

func skipAttachments(b []byte) ([]byte, error) {
	digits := digitsOf(b)
	if digits == 0 || digits == len(b) || b[digits] != '-' {
		return nil, errors.New("a binary packet without its number of attachments")
	}
	return b[digits+1:], nil
}

func digitsOf(b []byte) int {
	for i, c := range b {
		if c < '0' || c > '9' {
			return i
		}
	}
	return len(b)
}

// append appends the packet to dst.
func (p packet) append(dst []byte) []byte {
	dst = append(dst, p.kind)
	if p.namespace != "/" {
		dst = append(append(dst, p.namespace...), ',')
	}
	dst = append(dst, p.id...)
	return append(dst, p.data...)
}

// event returns the name and the arguments of an event's data.
func (p packet) event() (name string, args []json.RawMessage, err error) {
	if json.Unmarshal(p.data, &args) != nil || len(args) == 0 || json.Unmarshal(args[0], &name) != nil {
		return "", nil, errors.New("an event that is not a list with its name at first")
	}
	return name, args[1:], nil
}

// eventPacket returns an event with one argument, which is JSON.
func eventPacket(namespace, name string, argument json.RawMessage) packet {
	data := channels.AppendString([]byte{'['}, name)
	data = append(append(data, ','), argument...)
	return packet{kind: typeEvent, namespace: namespace, data: append(data, ']')}
}
