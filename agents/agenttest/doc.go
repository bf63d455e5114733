// Package agenttest is the kit that every agent is tested with: Contract runs the
// promises of agents.Agent against it, and a Recorder shows what it said.
package agenttest
