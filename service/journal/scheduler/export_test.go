package journal

// Kept returns how much the lines hold in memory.
func (l *Lines[T]) Kept() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lines) + len(l.claimed) + len(l.ready) + l.later.Len() + l.takers.Len() + len(l.stored)
}
