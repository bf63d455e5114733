package delivery

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// delay says that a part must wait, until when, and why.
type delay struct {
	until time.Time
	why   string
}

// outcome puts the part back. No attempt is counted.
func (l delay) outcome() journal.PartOutcome {
	return journal.PartOutcome{Retry: l.until, Reason: l.why}
}

// admit lets one call for a part through, in a slot that the caller must release. It returns
// nil when the part must wait. After a call that was let through, the platform must be told
// how it ended: see platforms. Edit says that the call is an Append.
func (d *Deliverer) admit(ctx context.Context, to *platform, p *journal.Delivery, edit bool) (*slot, delay) {
	s := to.acquire(ctx)
	if s == nil {
		return nil, delay{time.Now(), "the program is ending"}
	}
	if later := to.pacer.admit(ctx, p, rateKey(to.in, &p.Part), edit); !later.IsZero() {
		s.release()
		return nil, delay{later, "more than the platform takes"}
	}
	if wait, ok := d.platforms.enter(to, p.Part.Conversation()); !ok {
		s.release()
		return nil, delay{time.Now().Add(wait), "the channel waits"}
	}
	if !p.IsCertain() {
		// This process stood still so long that another may send the part by now, and what
		// follows it. If not, the part comes again.
		d.platforms.leave(to)
		s.release()
		return nil, delay{time.Now(), "the claim is too old"}
	}
	return s, delay{}
}
