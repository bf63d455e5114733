package socketio

import (
	"slices"
	"sync"
)

// maxTabs is how many sockets a sender may have at once; the oldest give way.
const maxTabs = 32

// hub knows the sockets of each sender that is connected.
type hub struct {
	mu      sync.Mutex
	sockets map[string][]*socket
}

func newHub() *hub { return &hub{sockets: map[string][]*socket{}} }

// join puts a socket among the sender's, and takes it out of where it was. One that has
// left for good stays out. Like part and leave it returns whom it left without a socket.
func (h *hub) join(s *socket, sender string) (left string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left = h.remove(s)
	if s.gone {
		return left
	}
	list := append(h.sockets[sender], s)
	if len(list) > maxTabs {
		list[0].joined = ""
		list = slices.Delete(list, 0, 1)
	}
	h.sockets[sender], s.joined = list, sender
	if left == sender {
		return ""
	}
	return left
}

// part takes a socket out.
func (h *hub) part(s *socket) (left string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.remove(s)
}

// leave takes a socket out for good.
func (h *hub) leave(s *socket) (left string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.gone = true
	return h.remove(s)
}

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

// at returns the sender's sockets.
func (h *hub) at(sender string) []*socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.sockets[sender])
}

// joinedAs returns the sender among whose sockets s is.
func (h *hub) joinedAs(s *socket) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return s.joined
}
