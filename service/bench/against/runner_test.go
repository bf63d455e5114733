package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fake is a command that takes a minute and prints the same each time, but fails at
// the run of that number.
type fake struct {
	out    string
	failAt int
	ran    []side
}

var errFake = errors.New("exit status 2")

func (f *fake) run(ctx context.Context, s side) (string, error) {
	f.ran = append(f.ran, s)
	select {
	case <-time.After(time.Minute):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if len(f.ran) == f.failAt {
		return "", errFake
	}
	return onThis(f.out), nil
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	const a, b = reference, current
	const figures = "BenchmarkX-2 \t 1\t 5 ns/op\n"
	for _, c := range []struct {
		name  string
		pairs int
		limit time.Duration
		fake  fake
		ran   []side
		whole int
		err   error
	}{
		{name: "by turns", pairs: 4, fake: fake{out: figures}, ran: []side{a, b, b, a, a, b, b, a}, whole: 4},
		{name: "as many as the limit allows", pairs: 9, limit: 8 * time.Minute, fake: fake{out: figures}, ran: []side{a, b, b, a, a, b, b, a}, whole: 4},
		{name: "three, however slow", pairs: 9, limit: time.Minute, fake: fake{out: figures}, ran: []side{a, b, b, a, a, b}, whole: 3},
		{name: "failed", pairs: 9, fake: fake{out: figures, failAt: 4}, ran: []side{a, b, b, a}, whole: 1, err: errFake},
		{name: "skipped", pairs: 9, fake: fake{out: "    x_test.go:1: no\n--- SKIP: BenchmarkX\n"}, ran: []side{a, b}, whole: 1},
		{name: "interrupted", pairs: 9000, fake: fake{out: figures}, ran: nil, whole: 30, err: context.DeadlineExceeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 61*time.Minute-time.Second)
				defer cancel()
				pairs, err := runner{c.pairs, c.limit, c.fake.run}.measure(ctx)
				if len(pairs) != c.whole || !errors.Is(err, c.err) {
					t.Errorf("%d pairs, %v; want %d, %v", len(pairs), err, c.whole, c.err)
				}
				if diff := cmp.Diff(c.ran, c.fake.ran); diff != "" && c.ran != nil {
					t.Errorf("runs (-want +got):\n%s", diff)
				}
			})
		})
	}
}
