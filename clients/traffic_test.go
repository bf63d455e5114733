package clients_test

import (
	"bytes"
	"sync"
	"testing"
	"time"
)

// traffic is what went one way through a network.
type traffic struct {
	mu    sync.Mutex
	data  []byte
	grown chan struct{} // closed when more goes, nil when nobody waits
}

// Write notes what goes.
func (w *traffic) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.data = append(w.data, data...)
	if w.grown != nil {
		close(w.grown)
		w.grown = nil
	}
	return len(data), nil
}

// forget forgets what went until now.
func (w *traffic) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.data = nil
}

// await waits until a text has gone so many times.
func (w *traffic) await(t *testing.T, text string, times int) {
	t.Helper()
	limit := time.After(waitTimeout)
	for {
		n, grown := w.count(text)
		if n >= times {
			return
		}
		select {
		case <-grown:
		case <-limit:
			t.Fatalf("%q has gone %d times, want %d", text, n, times)
		}
	}
}

func (w *traffic) count(text string) (int, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.grown == nil {
		w.grown = make(chan struct{})
	}
	return bytes.Count(w.data, []byte(text)), w.grown
}
