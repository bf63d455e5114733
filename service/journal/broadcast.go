package journal

import "sync"

// Broadcast wakes all who wait for a change. The zero value is ready to use, and its
// methods may be called concurrently.
type Broadcast struct {
	mu   sync.Mutex
	next chan struct{}
}

// Wait returns a channel that the next Send closes. Whoever looks for changes calls it
// before looking, so that a change in between is not missed.
func (b *Broadcast) Wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

// IsAwaited reports whether somebody waits for the next Send.
func (b *Broadcast) IsAwaited() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next != nil
}

// Send wakes all who wait now. Who waits later waits for the next Send.
func (b *Broadcast) Send() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}
