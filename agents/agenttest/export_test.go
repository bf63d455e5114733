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

// FailedRemote returns the names of the checks of Remote that an agent does not pass.
func FailedRemote(open func(url string) agents.Agent) (names []string) {
	for _, c := range remoteChecks() {
		if c.run(open) != nil {
			names = append(names, c.name)
		}
	}
	return names
}
