package socketio

import (
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// maxEchoed is the longest id of a client's own, in bytes, that is confirmed unchanged.
const maxEchoed = 256

// requestSession confirms a session: the one that the client names, if we issued it, or
// else a new one. Without session_persistence ids mean nothing and are confirmed unchanged.
func (s *socket) requestSession(argument json.RawMessage) error {
	id, err := requestedID(argument)
	if err != nil {
		return err
	}
	if !s.channel.config.SessionPersistence {
		if id == "" || len(id) > maxEchoed {
			id = s.channel.signer.issue(s.grant.subject).sender
		}
		s.confirm(id)
		return nil
	}
	known, ok := s.channel.signer.verify(id, s.grant.subject)
	if !ok {
		known = s.channel.signer.issue(s.grant.subject)
	}
	s.confirm(known.id) // before a reply can come
	s.joinSession(known)
	return nil
}

// joinSession makes the socket one of the session's sender.
func (s *socket) joinSession(known session) {
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
