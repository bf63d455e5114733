package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// The events whose names are fixed in Rasa, and session_error, which is ours.
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
	bucket  bucket
	// caller has what the door has to know of the client: see authorize.
	caller context.Context
	// id is Socket.IO's, "" before the client has connected to the namespace.
	id string
	// grant is that of the client's token.
	grant grant
	// session is the one that was confirmed.
	session session

	// joined is the sender whom the socket has joined, gone says that it has left for
	// good. Both belong to the hub, under its lock.
	joined string
	gone   bool
}

func (s *socket) closed() { s.presenceChanged(s.channel.hub.leaveForGood(s)) }

// returned reports the sender again, since Send has counted the client as absent.
func (s *socket) returned() { s.presenceChanged(s.channel.hub.senderOf(s)) }

// join makes the socket one of the sender's.
func (s *socket) join(sender string) {
	s.presenceChanged(s.channel.hub.join(s, sender))
	s.presenceChanged(sender)
}

// presenceChanged has the service informed whether the sender is connected.
func (s *socket) presenceChanged(sender string) { s.channel.presence.changed(s.in, sender) }

// message takes a Socket.IO packet.
func (s *socket) message(ctx context.Context, data []byte) error {
	p, err := parsePacket(data)
	if err != nil {
		return err
	}
	s.endExpired() // the alarm may be late, when the clock of the machine was set
	if p.kind == typeConnect {
		s.connect(p)
		return nil
	}
	if s.id == "" || p.namespace != s.channel.config.Namespace {
		return nil // a late packet to a namespace that the client has left
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

// connect admits a client to the namespace, or sends the reason why not.
func (s *socket) connect(p packet) {
	if p.namespace != s.channel.config.Namespace {
		s.refuseConnect(p.namespace, "Invalid namespace") // the message of the JavaScript server
		return
	}
	if s.id != "" {
		return
	}
	granted, err := s.channel.verifier.verify(p.data)
	if err == nil {
		err = s.authorize(p.data)
	}
	if err != nil {
		s.channel.log.Debug("client refused", "reason", err.Error()) // anybody can cause it
		s.refuseConnect(p.namespace, err.Error())
		return
	}
	s.id, s.grant = newSocketID(), granted
	s.conn.admit()
	if !s.channel.config.SessionPersistence {
		s.join(s.id)
	}
	data, _ := channels.Marshal(map[string]string{"sid": s.id}) // a text
	s.send(packet{kind: typeConnect, namespace: p.namespace, data: data})
	s.expectExpiry()
}

// disconnect takes the client out of the namespace. It may connect again.
func (s *socket) disconnect() {
	s.presenceChanged(s.channel.hub.leave(s))
	s.conn.engine.setIdle(s.conn, true)
	s.id, s.grant, s.session = "", grant{}, session{}
}

// expectExpiry has the client taken out of the namespace when its token expires.
func (s *socket) expectExpiry() {
	if expires := s.grant.expires; !expires.IsZero() {
		s.conn.setAlarm(time.Until(expires), func() { s.endExpired(); s.expectExpiry() })
	}
}

// endExpired takes a client whose token has expired out of the namespace, and tells it. The
// alarm may ring too early, when the clock of the machine was set back, or for a token that
// another has replaced.
func (s *socket) endExpired() {
	if expires := s.grant.expires; expires.IsZero() || time.Now().Before(expires) {
		return
	}
	s.send(packet{kind: typeDisconnect, namespace: s.channel.config.Namespace})
	s.disconnect()
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
	if !s.conn.hold(ctx, s.bucket.take(time.Now())) {
		s.sendError(p.id, channels.Errorf(channels.CodeOverloaded, "too many events a second"))
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
		err = s.postUserMessage(ctx, argument)
	}
	if err != nil {
		s.refuse(p.id, err)
		return nil
	}
	s.acknowledge(p.id)
	return nil
}

// refuse logs the error of an event and sends it to the client.
func (s *socket) refuse(id string, err error) {
	e := channels.AsError(err)
	s.channel.log.Warn("event refused", "code", e.Code.String(), "error", err)
	s.sendError(id, e)
}

// sendError sends an error as the event session_error, since Rasa's clients don't wait
// for an acknowledgement, and in the acknowledgement too when a client waits for one.
func (s *socket) sendError(id string, e *channels.Error) {
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
