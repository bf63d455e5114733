package agenttest

import (
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
)

// Failed returns the names of the checks that an agent does not pass.
func Failed(a agents.Agent) (names []string) {
	for _, c := range checks() {
		if c.run(a) != nil {
			names = append(names, c.name)
		}
	}
	return names
}

// PeerChecks returns the names of the checks of a Peer.
func PeerChecks() (names []string) {
	for _, c := range peerChecks() {
		names = append(names, c.name)
	}
	return names
}

// CheckPeer makes one check of a Peer, with a patience.
func CheckPeer(t *testing.T, name string, p Peer, patience time.Duration) error {
	for _, c := range peerChecks() {
		if c.name == name {
			return c.run(newScene(t, p, patience))
		}
	}
	t.Fatalf("there is no check %q", name)
	return nil
}
