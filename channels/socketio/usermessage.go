package socketio

import (
	"context"
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// postUserMessage reads a user_uttered event and posts its message to the inbox.
func (s *socket) postUserMessage(ctx context.Context, argument json.RawMessage) error {
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
	if m.Attachments, err = body.Attachments("attachments"); err != nil {
		return err
	}
	return s.in.Post(s.ofCaller(ctx), m)
}

// sender returns the sender of a message: that of its session, or without
// session_persistence the socket's id. The session need not have been confirmed on this
// socket: a client that was cut off sends what was written meanwhile before it requests
// its session again.
func (s *socket) sender(body channels.Body) (string, error) {
	if !s.channel.config.SessionPersistence {
		return s.id, nil
	}
	id, err := body.ID("session_id")
	if err != nil {
		return "", err
	}
	if id == "" || id != s.session.id {
		known, ok := s.channel.signer.verify(id, s.grant.subject)
		if !ok {
			return "", channels.Errorf(channels.CodePermissionDenied,
				"session_id: not one that was confirmed: send %s first and use what %s brings", sessionRequest, sessionConfirm)
		}
		s.joinSession(known)
	}
	return s.session.sender, nil
}

// metadataOf returns the JSON value under key, or the one that a string there holds, as
// Rasa does.
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
