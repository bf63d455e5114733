package scheduler

// Retained returns how many things the scheduler keeps in memory.
func (s *Scheduler[T]) Retained() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queues) + len(s.claims.queues) + len(s.ready.waiting) + s.delayed.Len() + s.consumers.list.Len() +
		len(s.stored.counts) + len(s.slots.used) + len(s.ready.full)
}
