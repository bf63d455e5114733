package journal

import "container/heap"

// later is a heap of the lines whose head is due later, the soonest first.
type later[T any] struct{ lines []*line[T] }

func (l *later[T]) add(ln *line[T]) { heap.Push(l, ln) }

func (l *later[T]) remove(ln *line[T]) {
	if ln.index >= 0 {
		heap.Remove(l, ln.index)
	}
}

// soonest returns the line that is due first, nil when there is none.
func (l *later[T]) soonest() *line[T] {
	if len(l.lines) == 0 {
		return nil
	}
	return l.lines[0]
}

// Len is heap.Interface's, as are the further methods.
func (l *later[T]) Len() int { return len(l.lines) }

// Less orders by the time at which the head is due.
func (l *later[T]) Less(i, j int) bool {
	return l.lines[i].head().row.Due.Before(l.lines[j].head().row.Due)
}

// Swap keeps the index of both lines.
func (l *later[T]) Swap(i, j int) {
	l.lines[i], l.lines[j] = l.lines[j], l.lines[i]
	l.lines[i].index, l.lines[j].index = i, j
}

// Push adds a line at the end.
func (l *later[T]) Push(x any) {
	ln := x.(*line[T])
	ln.index = len(l.lines)
	l.lines = append(l.lines, ln)
}

// Pop removes the line at the end.
func (l *later[T]) Pop() any {
	last := len(l.lines) - 1
	ln := l.lines[last]
	l.lines[last] = nil
	l.lines = l.lines[:last]
	ln.index = -1
	return ln
}

var _ heap.Interface = (*later[any])(nil)
