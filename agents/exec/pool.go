package exec

import (
	"context"
	"sync"
)

// pool holds the programs that are kept and have no turn.
type pool struct {
	mu     sync.Mutex
	idle   []*program
	closed bool
}

// take returns the program that was used last, nil when there is none.
func (l *pool) take() *program {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.idle) == 0 {
		return nil
	}
	p := l.idle[len(l.idle)-1]
	l.idle = l.idle[:len(l.idle)-1]
	return p
}

// put gives a program back that has ended its turn well. One that has not read its input would
// read the rest as the next turn, so it is ended.
func (l *pool) put(p *program) {
	if p.isWritten() && l.add(p) {
		return
	}
	_ = p.end() // the turn is over
}

func (l *pool) add(p *program) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.idle = append(l.idle, p)
	}
	return !l.closed
}

// close ends the input of the programs, so that they end by themselves. With ctx they are
// killed.
func (l *pool) close(ctx context.Context) error {
	l.mu.Lock()
	idle := l.idle
	l.idle, l.closed = nil, true
	l.mu.Unlock()
	for _, p := range idle {
		_ = p.stdin.Close()
	}
	for _, p := range idle {
		select {
		case <-p.exited:
		case <-ctx.Done():
		}
		_ = p.end()
	}
	return nil
}
