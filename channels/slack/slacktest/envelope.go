package slacktest

import (
	"context"
	"encoding/json"
)

// sendEnvelope delivers over a socket, whichever has its turn. It returns what is wrong, or the
// payload of the acknowledgement.
func (s *Server) sendEnvelope(d *delivery, n int, reason string) (problem string, body []byte) {
	// The grace is for both: to find a socket, and to be acknowledged.
	ctx, cancel := context.WithTimeout(s.ctx, s.options.Grace)
	defer cancel()
	var k *socket
	if s.Wait(ctx, func() bool { k = s.pick(); return k != nil }) != nil {
		return socketTimeout, nil
	}
	answers := d.kind == kindCommand
	envelope := object{"type": d.kind, "payload": json.RawMessage(d.body), "accepts_response_payload": answers}
	if d.kind == kindEvent {
		envelope["retry_attempt"], envelope["retry_reason"] = n, reason
	}
	acked := make(chan []byte, 1) // whoever reads the acknowledgement waits for nobody
	s.mu.Lock()
	id := s.id("envelope-")
	envelope["envelope_id"] = id
	s.sockets.acks[id] = acked
	s.mu.Unlock()
	// What is acknowledged too late is delivered again: nobody waits for it any more.
	defer func() {
		s.mu.Lock()
		delete(s.sockets.acks, id)
		s.mu.Unlock()
	}()
	if s.say(k, envelope) != nil {
		return socketTimeout, nil
	}
	select {
	case body = <-acked:
	case <-ctx.Done():
		return socketTimeout, nil
	}
	if !answers { // as Slack, which ignores what it did not ask for
		return "", nil
	}
	return "", body
}

// pick returns the socket that gets the next envelope, nil without one.
func (s *Server) pick() *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range s.sockets.open {
		s.sockets.turn++
		if k := s.sockets.open[s.sockets.turn%len(s.sockets.open)]; k.ready {
			return k
		}
	}
	return nil
}
