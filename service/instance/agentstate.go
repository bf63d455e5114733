package instance

// AgentState says how an agent in use is doing.
type AgentState struct {
	// Name is the agent's, Type its type's.
	Name, Type string
	// InFlight is how many turns it is answering now, those that were left behind included.
	InFlight int
	// Concurrency is how many may run at once, 0 where it has no bound of its own.
	Concurrency int
	// Breaker is its circuit breaker; nil while that is closed.
	Breaker *Hold
}
