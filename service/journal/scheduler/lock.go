package journal

import (
	"context"

	"github.com/manyvox/manyvox/channels"
)

// Join puts a caller at the end of the conversation's line and returns when it is
// first, as Journal's Join does.
func (l *Lines[T]) Join(ctx context.Context, c channels.Conversation, most int) (Lock, error) {
	caller, err := l.joinLine(ctx, c, most)
	if err != nil {
		return Lock{}, err
	}
	seat := Lock{Release: func() { l.leave(c, caller) }}
	select {
	case <-caller.turn:
		return seat, nil
	default: // ctx need not be asked by who does not wait
	}
	select {
	case <-caller.turn:
		return seat, nil
	case <-ctx.Done():
		seat.Release()
		return Lock{}, context.Cause(ctx)
	case <-l.closed:
		seat.Release()
		return Lock{}, ErrClosed
	}
}

func (l *Lines[T]) joinLine(ctx context.Context, c channels.Conversation, most int) (*Place[T], error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refuse(context.Cause(ctx)); err != nil {
		return nil, err
	}
	ln := l.line(c)
	if !ln.idle() && ln.callers >= most {
		return nil, ErrQueueFull
	}
	p := &Place[T]{turn: make(chan struct{})}
	ln.push(p)
	l.advance(ln)
	return p, nil
}

// leave takes a caller out, whether it is first or waits. Leaving again does nothing.
func (l *Lines[T]) leave(c channels.Conversation, caller *Place[T]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.lines[c]
	switch {
	case ln == nil:
	case ln.busy == caller:
		ln.busy = nil
		l.advance(ln)
	default:
		ln.remove(caller)
	}
}
