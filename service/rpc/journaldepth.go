package rpc

import (
	"context"
	"maps"
	"slices"
	"time"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/journal"
)

// depthTimeout is how long Health waits for the journal: a probe must not hang.
const depthTimeout = time.Second

// Depths is what Health asks of the journal.
type Depths interface {
	Depth(ctx context.Context) (journal.Depth, error)
	Waiting(ctx context.Context) (map[string]journal.Waiting, error)
}

// addDepth adds how much waits. When the journal does not answer it adds nothing.
func addDepth(ctx context.Context, j Depths, res *manyvoxv1.HealthResponse) {
	ctx, cancel := context.WithTimeout(ctx, depthTimeout)
	defer cancel()
	depth, err := j.Depth(ctx)
	if err != nil {
		return
	}
	waiting, err := j.Waiting(ctx)
	if err != nil {
		return
	}
	res.Journal = &manyvoxv1.JournalHealth{
		Inbox: int64(depth.Inbox), Outbox: int64(depth.Outbox), DeadLetters: int64(depth.DeadLetters),
	}
	for _, c := range res.GetChannels() {
		w := waiting[c.GetName()]
		c.Waiting = &manyvoxv1.ChannelWaiting{Inbox: int64(w.Inbox), Outbox: int64(w.Outbox)}
		delete(waiting, c.GetName())
	}
	res.Orphans = slices.Sorted(maps.Keys(waiting))
}
