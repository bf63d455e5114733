package socketio

import (
	"slices"
	"sync"
)

// maxSockets is how many sockets a sender may have at once. Beyond it the oldest is
// taken out.
const maxSockets = 32

// hub holds the sockets of each sender that is connected.
type hub struct {
	mu      sync.Mutex
	sockets map[string][]*socket
}

func newHub() *hub { return &hub{sockets: map[string][]*socket{}} }

// join adds a socket to the sender's and removes it from those of its former sender. A
// socket that has left for good stays out. Like leave and leaveForGood it returns the
// sender who has no socket any more, "" for none.
func (h *hub) join(s *socket, sender string) (left string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left = h.remove(s)
	if s.gone {
		return left
	}
	list := append(h.sockets[sender], s)
	if len(list) > maxSockets {
		list[0].joined = ""
		list = slices.Delete(list, 0, 1)
	}
	h.sockets[sender], s.joined = list, sender
	if left == sender {
		return ""
	}
	return left
}

// leave removes a socket. It may join again.
func (h *hub) leave(s *socket) (left string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.remove(s)
}

// leaveForGood removes a socket whose connection has ended.
func (h *hub) leaveForGood(s *socket) (left string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.gone = true
	return h.remove(s)
}

// remove is leave for those who hold the lock.
func (h *hub) remove(s *socket) (left string) {
	if s.joined == "" {
		return ""
	}
	list := h.sockets[s.joined]
	if i := slices.Index(list, s); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	if h.sockets[s.joined] = list; len(list) == 0 {
		delete(h.sockets, s.joined)
		left = s.joined
	}
	s.joined = ""
	return left
}

// socketsOf returns the sockets of a sender.
func (h *hub) socketsOf(sender string) []*socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.sockets[sender])
}

// senderOf returns the sender whom s has joined, "" for none.
func (h *hub) senderOf(s *socket) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return s.joined
}
