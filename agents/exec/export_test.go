package exec

import "github.com/manyvox/manyvox/agents"

// KillIdle kills the programs that are kept and have no turn, and waits for their end.
func KillIdle(a agents.Agent) {
	pool := a.(*Agent).kept
	pool.mu.Lock()
	defer pool.mu.Unlock()
	for _, p := range pool.idle {
		p.kill()
		<-p.exited
	}
}
