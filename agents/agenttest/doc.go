// Package agenttest is the kit that every agent is tested with: Contract checks the
// promises of agents.Agent, with a Peer also those of an agent with an assistant elsewhere,
// and a Recorder keeps the replies of a turn.
package agenttest
