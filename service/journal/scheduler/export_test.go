package scheduler

// Retained returns how many things the scheduler keeps in memory.
func (s *Scheduler[T]) Retained() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queues) + len(s.claimed) + len(s.ready) + s.delayed.Len() + s.consumers.Len() + len(s.stored) +
		len(s.slots.used) + len(s.slots.full)
}
