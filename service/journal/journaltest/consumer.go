package journaltest

import (
	"context"
	"errors"
	"maps"
	"slices"
)

// consumer claims the rows of one table: messages by Next, parts by NextPart.
type consumer[T any] struct {
	*store
	call, row string // names of the method and of a row, for the failures
	claim     func(context.Context) (T, error)
	id        func(*T) string
}

// next claims the next row, which must have the id.
func (c consumer[T]) next(id string) T {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), moment)
	defer cancel()
	claimed, err := c.claim(ctx)
	if err != nil {
		c.Fatalf("%s: %v, want %s %s", c.call, err, c.row, id)
	}
	if got := c.id(&claimed); got != id {
		c.Fatalf("%s returns %s %s, want %s", c.call, c.row, got, id)
	}
	return claimed
}

// nextOf claims as many rows as there are ids and returns them by id. They may come in any
// order.
func (c consumer[T]) nextOf(ids ...string) map[string]T {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), moment)
	defer cancel()
	got := map[string]T{}
	for range ids {
		claimed, err := c.claim(ctx)
		if err != nil {
			c.Fatalf("%s: %v, want the %ss %v", c.call, err, c.row, ids)
		}
		got[c.id(&claimed)] = claimed
	}
	slices.Sort(ids)
	c.equal(c.row+"s", slices.Sorted(maps.Keys(got)), ids)
	return got
}

// wantNone checks that no row is due.
func (c consumer[T]) wantNone() {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), moment)
	defer cancel()
	if claimed, err := c.claim(ctx); !errors.Is(err, context.DeadlineExceeded) {
		c.Fatalf("%s returns %s %q and error %v, want it to wait", c.call, c.row, c.id(&claimed), err)
	}
}
