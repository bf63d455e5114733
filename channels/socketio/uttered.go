package socketio

import (
	"context"
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// maxEchoed is the longest id that is confirmed as the client brought it.
const maxEchoed = 256

// requestSession confirms a session: the client's own when it is one of ours, or a new
// one. Without session_persistence ids mean nothing and are confirmed as they come.
func (s *socket) requestSession(argument json.RawMessage) error {
	id, err := requestedID(argument)
	if err != nil {
		return err
	}
	if !s.channel.config.SessionPersistence {
		if id == "" || len(id) > maxEchoed {
			id = s.channel.signer.issue(s.subject).sender
		}
		s.confirm(id)
		return nil
	}
	known, ok := s.channel.signer.recognize(id, s.subject)
	if !ok {
		known = s.channel.signer.issue(s.subject)
	}
	s.confirm(known.id) // before a reply can come
	s.enter(known)
	return nil
}

// enter makes the socket one of the session's.
func (s *socket) enter(known session) {
	s.session = known
	s.join(known.sender)
}

func requestedID(argument json.RawMessage) (string, error) {
	if argument == nil || string(argument) == "null" {
		return "", nil
	}
	body, err := channels.ParseBody(argument)
	if err != nil {
		return "", channels.Errorf(channels.CodeInvalid, "%s: expected an object with session_id", sessionRequest)
	}
	return body.ID("session_id")
}

func (s *socket) confirm(id string) {
	s.send(eventPacket(s.channel.config.Namespace, sessionConfirm, channels.AppendString(nil, id)))
}

// uttered stores what the user wrote.
func (s *socket) uttered(ctx context.Context, argument json.RawMessage) error {
	body, err := channels.ParseBody(argument)
	if err != nil {
		return channels.Errorf(channels.CodeInvalid, "%s: expected an object with message", s.channel.config.UserMessageEvent)
	}
	m := channels.Message{}
	if m.Sender, err = s.sender(body); err != nil {
		return err
	}
	if m.Text, _, err = body.Text("message"); err != nil {
		return err
	}
	if m.Metadata, err = metadataOf(body, s.channel.config.MetadataKey); err != nil {
		return err
	}
	if m.ID, err = body.ID("message_id"); err != nil {
		return err
	}
	if err := body.Decode("attachments", &m.Attachments); err != nil {
		return err
	}
	return s.in.Post(ctx, m)
}

// sender returns whom a message is from: the session, or without session_persistence the
// socket. A client sends what was written while it was cut off before it asks for its
// session again, so a session that is known need not have been confirmed on this socket.
func (s *socket) sender(body channels.Body) (string, error) {
	if !s.channel.config.SessionPersistence {
		return s.id, nil
	}
	id, err := body.ID("session_id")
	if err != nil {
		return "", err
	}
	if id == "" || id != s.session.id {
		known, ok := s.channel.signer.recognize(id, s.subject)
		if !ok {
			return "", channels.Errorf(channels.CodePermissionDenied,
				"session_id: not one that was confirmed: send %s first and use what %s brings", sessionRequest, sessionConfirm)
		}
		s.enter(known)
	}
	return s.session.sender, nil
}

// metadataOf returns the object under key, or the one in the string there, as in Rasa.
func metadataOf(body channels.Body, key string) (json.RawMessage, error) {
	raw := body.Raw(key)
	if raw == nil {
		return json.RawMessage("{}"), nil
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return raw, nil
	}
	if !json.Valid([]byte(text)) {
		return nil, channels.Errorf(channels.CodeInvalid, "key %q: a string that is not JSON", key)
	}
	return json.RawMessage(text), nil
}
