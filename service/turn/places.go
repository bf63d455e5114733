package turn

import (
	"context"
	"slices"
	"sync"
)

// places bound how many turns of an agent run at once. Whoever finds none free waits in line.
// The bound may be another at each call.
type places struct {
	mu    sync.Mutex
	taken int
	// line are those who wait, each by a channel that is closed when it has its place.
	line []chan struct{}
}

// take takes a place, and reports whether there was one before ctx ended or stop was closed.
// Give must follow then.
func (p *places) take(ctx context.Context, stop <-chan struct{}, limit int) bool {
	p.mu.Lock()
	if p.taken < limit && len(p.line) == 0 {
		p.taken++
		p.mu.Unlock()
		return true
	}
	turn := make(chan struct{})
	p.line = append(p.line, turn)
	p.mu.Unlock()
	select {
	case <-turn:
		return true
	case <-ctx.Done():
	case <-stop:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.line, turn)
	if i < 0 { // it was given a place meanwhile
		return true
	}
	p.line = slices.Delete(p.line, i, i+1)
	return false
}

// give gives a place back, to those who wait first.
func (p *places) give(limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	for p.taken < limit && len(p.line) > 0 {
		p.taken++
		close(p.line[0])
		p.line = slices.Delete(p.line, 0, 1)
	}
}
