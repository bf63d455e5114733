package channels

import "context"

// Prober is the role of a channel, or an agent, that can ask its platform who it is there.
type Prober interface {
	// Probe makes a call that changes nothing, and returns in a few words who answers, or
	// what is wrong, in the platform's words. `manyvox check --probe` calls it. It must end
	// with ctx, and tell no secret.
	Probe(ctx context.Context) (string, error)
}
