package postgres

import (
	"container/list"
	"context"
)

// consumer is a call of Next or NextPart that waits for a row.
type consumer[T any] struct {
	got chan assignment[T]
	// chosen says that a row is being claimed for it, so that it must wait for the
	// outcome: the claim may be committed already.
	chosen bool
	// channel is that of the row; hasSlot says that one of its slots is taken.
	channel string
	hasSlot bool
}

// assignment is a row for a consumer, or an error, or with again the news that its row was
// not claimed after all.
type assignment[T any] struct {
	value T
	err   error
	again bool
}

// consume waits for a row. It fails with ctx's error when ctx ends, unless a row is being
// claimed for it: then it returns that row, which must be settled.
func (d *dispatcher[T]) consume(ctx context.Context) (T, error) {
	for {
		a := d.consumeOnce(ctx)
		if !a.again {
			return a.value, a.err
		}
	}
}

func (d *dispatcher[T]) consumeOnce(ctx context.Context) assignment[T] {
	c := &consumer[T]{got: make(chan assignment[T], 1)}
	d.mu.Lock()
	if err := d.ended(ctx); err != nil {
		d.mu.Unlock()
		return assignment[T]{err: err}
	}
	place := d.consumers.PushBack(c)
	d.mu.Unlock()
	d.wake.send()
	select {
	case a := <-c.got:
		return a
	case <-ctx.Done():
	case <-d.closed:
	}
	return d.withdraw(ctx, c, place)
}

// withdraw takes out a consumer that gave up, or waits for its row when it was chosen.
func (d *dispatcher[T]) withdraw(ctx context.Context, c *consumer[T], place *list.Element) assignment[T] {
	d.mu.Lock()
	if !c.chosen {
		d.consumers.Remove(place)
		d.mu.Unlock()
		return assignment[T]{err: d.ended(ctx)}
	}
	d.mu.Unlock()
	return <-c.got
}

// popConsumer takes out the consumer that has waited longest, nil when none waits. It is
// called with mu held.
func (d *dispatcher[T]) popConsumer() *consumer[T] {
	first := d.consumers.Front()
	if first == nil {
		return nil
	}
	c := d.consumers.Remove(first).(*consumer[T])
	c.chosen = true
	return c
}

// consumerFor returns who gets a row of the channel, nil when nobody may. The consumer is
// chosen then, with a slot of the channel when the row needs one, and gets exactly one
// assignment.
func (d *dispatcher[T]) consumerFor(channel string, needsSlot bool) *consumer[T] {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.slots.isOpen(channel) || d.ended(context.Background()) != nil || needsSlot && !d.slots.hasFree(channel) {
		return nil
	}
	c := d.popConsumer()
	if c == nil { // the next consumer must find the row
		d.rescanWanted = true
		return nil
	}
	if needsSlot {
		d.slots.take(channel)
	}
	c.channel, c.hasSlot = channel, needsSlot
	return c
}

// requeue lets a consumer wait again whose row was not claimed.
func (d *dispatcher[T]) requeue(c *consumer[T]) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c.got <- assignment[T]{again: true}
	d.rescanWanted = true
	if c.hasSlot {
		d.release(c.channel)
	}
	d.wake.send()
}

// failAll gives all consumers that wait the error. What could not be claimed is found
// again by the next ones' scan.
func (d *dispatcher[T]) failAll(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rescanWanted = true
	for c := d.popConsumer(); c != nil; c = d.popConsumer() {
		c.got <- assignment[T]{err: err}
	}
}
