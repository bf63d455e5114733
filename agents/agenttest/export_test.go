package agenttest

import "github.com/manyvox/manyvox/agents"

// Failed returns the names of the checks that an agent does not pass.
func Failed(a agents.Agent) (names []string) {
	for _, c := range checks() {
		if c.run(a) != nil {
			names = append(names, c.name)
		}
	}
	return names
}
