package agents

import "context"

const (
	// SmallAnswer is how much of an answer, in bytes, is held without a place among the large
	// ones.
	SmallAnswer = 1 << 20
	// MaxLargeAnswers is how many turns of an agent hold a larger answer at once. One takes
	// about six times its length until it is handed on. The others wait before they read on,
	// and so leave the rest with the server.
	MaxLargeAnswers = 8
)

// LargeAnswers has a place for each turn of an agent that holds a large answer.
type LargeAnswers chan struct{}

// NewLargeAnswers returns the places of an agent.
func NewLargeAnswers() LargeAnswers { return make(LargeAnswers, MaxLargeAnswers) }

// LargePlace is the place of one turn, or none yet.
type LargePlace struct {
	places LargeAnswers
	placed bool
}

// Place returns that of a turn that holds nothing yet.
func (l LargeAnswers) Place() *LargePlace { return &LargePlace{places: l} }

// Hold waits for a place when that many bytes are many. It reports false when ctx ended before.
func (p *LargePlace) Hold(ctx context.Context, size int) bool {
	if p.placed || size < SmallAnswer {
		return true
	}
	select {
	case p.places <- struct{}{}:
		p.placed = true
		return true
	case <-ctx.Done():
		return false
	}
}

// Release is called once nothing of the answer is held any more.
func (p *LargePlace) Release() {
	if p.placed {
		<-p.places
	}
}
