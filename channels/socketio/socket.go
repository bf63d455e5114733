package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// The events whose names Rasa does not let anybody choose, and ours that tells a client
// what was wrong.
const (
	sessionRequest = "session_request"
	sessionConfirm = "session_confirm"
	sessionError   = "session_error"
)

// socket is a client in the channel's namespace.
type socket struct {
	channel *Channel
	in      channels.Inbox
	conn    *conn
	rate    rate
	// id is Socket.IO's, "" before the client has connected to the namespace.
	id string
	// subject is whom the client's token names.
	subject string
	// session is the one that was confirmed.
	session session
	// connected is whether it has an id, for those who may not look.
	connected atomic.Bool

	// joined is the sender among whose sockets this one is, gone says that it has left
	// for good. Both are the hub's.
	joined string
	gone   bool
}

func (s *socket) idle() bool { return !s.connected.Load() }

func (s *socket) closed() { s.tell(s.channel.hub.leave(s)) }

// returned is called when a client polls again that was counted as absent.
func (s *socket) returned() { s.tell(s.channel.hub.joinedAs(s)) }

// join makes the socket one of the sender's.
func (s *socket) join(sender string) {
	s.tell(s.channel.hub.join(s, sender))
	s.tell(sender)
}

// tell lets the service know whether the sender is there.
func (s *socket) tell(sender string) { s.channel.presence.tell(s.in, sender) }

// message takes a Socket.IO packet.
func (s *socket) message(ctx context.Context, data []byte) error {
	p, err := parsePacket(data)
	if err != nil {
		return err
	}
	if p.kind == typeConnect {
		s.connect(p)
		return nil
	}
	if s.id == "" || p.namespace != s.channel.config.Namespace {
		return nil // a late word to a namespace that it is not in
	}
	switch p.kind {
	case typeDisconnect:
		s.disconnect()
	case typeEvent:
		return s.event(ctx, p)
	case typeBinaryEvent:
		s.refuse("", channels.Errorf(channels.CodeInvalid, "binary data is not taken"))
	case typeAck, typeBinaryAck: // nobody waits for them
	default:
		return errors.New("a packet that only a server sends")
	}
	return nil
}

// connect lets a client into the namespace, or tells it why not.
func (s *socket) connect(p packet) {
	if p.namespace != s.channel.config.Namespace {
		s.refuseConnect(p.namespace, "Invalid namespace") // the words of the JavaScript server
		return
	}
	if s.id != "" {
		return
	}
	subject, err := s.channel.guard.admit(p.data)
	if err != nil {
		s.channel.log.Debug("client refused", "reason", err.Error()) // anybody can cause it
		s.refuseConnect(p.namespace, err.Error())
		return
	}
	s.id, s.subject = newSocketID(), subject
	s.connected.Store(true)
	if !s.channel.config.SessionPersistence {
		s.join(s.id)
	}
	data, _ := channels.Marshal(map[string]string{"sid": s.id}) // a text
	s.send(packet{kind: typeConnect, namespace: p.namespace, data: data})
}

// disconnect takes the client out of the namespace. It may connect again.
func (s *socket) disconnect() {
	s.tell(s.channel.hub.part(s))
	s.connected.Store(false)
	s.id, s.subject, s.session = "", "", session{}
}

func (s *socket) refuseConnect(namespace, why string) {
	data, _ := channels.Marshal(map[string]string{"message": why}) // a text
	s.send(packet{kind: typeConnectError, namespace: namespace, data: data})
}

func (s *socket) send(p packet) { s.conn.push(p.append([]byte{engineMessage})) }

// event handles the client's events. Those that Rasa does not know are ignored.
func (s *socket) event(ctx context.Context, p packet) error {
	name, args, err := p.event()
	if err != nil {
		return err
	}
	if !s.rate.allow(time.Now()) {
		s.complain(p.id, channels.Errorf(channels.CodeOverloaded, "too many events a second"))
		return nil
	}
	var argument json.RawMessage
	if len(args) > 0 {
		argument = args[0]
	}
	switch name {
	case sessionRequest:
		err = s.requestSession(argument)
	case s.channel.config.UserMessageEvent:
		err = s.uttered(ctx, argument)
	}
	if err != nil {
		s.refuse(p.id, err)
		return nil
	}
	s.acknowledge(p.id)
	return nil
}

// refuse notes what was wrong and tells the client.
func (s *socket) refuse(id string, err error) {
	e := channels.AsError(err)
	s.channel.log.Warn("event refused", "code", e.Code.String(), "error", err)
	s.complain(id, e)
}

// complain tells the client what was wrong: as an event, since Rasa's clients don't wait
// for an acknowledgement, and in that too when one does.
func (s *socket) complain(id string, e *channels.Error) {
	object := channels.ErrorObject{Code: e.Code.String(), Message: e.Message}
	data, _ := channels.Marshal(object) // texts
	s.send(eventPacket(s.channel.config.Namespace, sessionError, data))
	s.acknowledge(id, data)
}

func (s *socket) acknowledge(id string, args ...json.RawMessage) {
	if id == "" {
		return
	}
	data, _ := channels.Marshal(append([]json.RawMessage{}, args...)) // is JSON
	s.send(packet{kind: typeAck, namespace: s.channel.config.Namespace, id: id, data: data})
}

var _ receiver = (*socket)(nil)
