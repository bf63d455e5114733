package instance

import (
	"context"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

const (
	// maxHops is how many programs a message may pass through.
	maxHops = 8
	// maxHopBytes bounds the id of one.
	maxHopBytes = 64
)

type hopsKey struct{}

// WithHops returns the context of a request that has passed through the programs that its
// header Manyvox-Hops names: their ids, divided by commas.
func WithHops(ctx context.Context, hops string) context.Context {
	return context.WithValue(ctx, hopsKey{}, hops)
}

// HopsOf returns what WithHops was given.
func HopsOf(ctx context.Context) string {
	hops, _ := ctx.Value(hopsKey{}).(string)
	return hops
}

// CheckHops refuses a message that comes back to the program that handed it to its agent, or
// has passed through too many. It would wait for its own turn, or go round for ever.
func CheckHops(hops, program string) error {
	if hops == "" {
		return nil
	}
	switch ids := strings.Split(hops, ","); {
	case program != "" && slices.Contains(ids, program):
		return channels.Errorf(channels.CodeFailedPrecondition,
			"the message comes back to this program: the url of an agent leads here (header Manyvox-Hops: %s)", Shorten(hops)).Because(channels.ReasonLoop)
	case len(ids) >= maxHops || len(hops) > maxHops*maxHopBytes:
		return channels.Errorf(channels.CodeFailedPrecondition, "the message has passed through %d programs, and may through %d", len(ids), maxHops).
			Because(channels.ReasonLoop)
	}
	return nil
}

// NextHops returns the hops of what this program hands to its agent.
func NextHops(hops, program string) string {
	switch {
	case program == "":
		return hops
	case hops == "":
		return program
	}
	return hops + "," + program
}
