package agents

import "context"

// Closer is the role of an agent that holds something that must be let go, such as
// connections.
type Closer interface {
	// Close is called once, when the agent's last turn has ended and none will begin: after a
	// reload that brought another agent, and at the end of the program; also when the agent
	// was opened and its configuration then was not put in use. It must end with ctx. Its
	// error is logged. The program ends without it where a call of Answer has not returned.
	Close(ctx context.Context) error
}
