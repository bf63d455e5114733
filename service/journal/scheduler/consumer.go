package journal

import (
	"container/list"
	"context"
)

// taker is a caller of Take that waits.
type taker[T any] struct {
	got chan offer[T]
	// chosen says that an offer was made, or is about to be.
	chosen bool
}

// offer is a row for a taker, or the news that its row could not be stored.
type offer[T any] struct {
	held  Held[T]
	again bool
}

// Held is a row that was taken.
type Held[T any] struct {
	Claim
	Value T
	// Fresh says that the taker waited for the row while it was stored: see
	// Place.Taken. It holds for a row's first claim alone.
	Fresh bool
}

// Take waits for a row that is first in its line and due, and claims it. It fails
// with ctx's error when ctx ends, with ErrClosed after Close; a row that was chosen by
// then is returned all the same. Each row wakes one taker, the one that has waited
// longest.
func (l *Lines[T]) Take(ctx context.Context) (Held[T], error) {
	for {
		o, err := l.take(ctx)
		if err != nil || !o.again {
			return o.held, err
		}
	}
}

func (l *Lines[T]) take(ctx context.Context) (offer[T], error) {
	l.mu.Lock()
	if err := l.refuse(ctx.Err()); err != nil {
		l.mu.Unlock()
		return offer[T]{}, err
	}
	if len(l.ready) > 0 {
		defer l.mu.Unlock()
		return offer[T]{held: l.takeReady()}, nil
	}
	t := &taker[T]{got: make(chan offer[T], 1)}
	place := l.takers.PushBack(t)
	l.mu.Unlock()
	return l.await(ctx, t, place)
}

func (l *Lines[T]) takeReady() Held[T] {
	ln := l.ready[0]
	l.ready[0] = nil // the array lives on
	l.ready = l.ready[1:]
	ln.queued = false
	ln.begin()
	return l.claim(ln)
}

func (l *Lines[T]) await(ctx context.Context, t *taker[T], place *list.Element) (offer[T], error) {
	select {
	case o := <-t.got:
		return o, nil
	case <-ctx.Done():
	case <-l.closed:
	}
	if l.withdrawTaker(t, place) {
		l.mu.Lock()
		defer l.mu.Unlock()
		return offer[T]{}, l.refuse(ctx.Err())
	}
	return <-t.got, nil
}

// withdrawTaker takes out a taker that was not chosen yet.
func (l *Lines[T]) withdrawTaker(t *taker[T], place *list.Element) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !t.chosen {
		l.takers.Remove(place)
	}
	return !t.chosen
}

// nextTaker takes out the taker that has waited longest, nil when none waits.
func (l *Lines[T]) nextTaker() *taker[T] {
	first := l.takers.Front()
	if first == nil {
		return nil
	}
	t := l.takers.Remove(first).(*taker[T])
	t.chosen = true
	return t
}
