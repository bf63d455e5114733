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

// depths returns what waits in all and by channel. When the journal does not answer in
// time ok is false.
func depths(ctx context.Context, j Depths) (all journal.Depth, waiting map[string]journal.Waiting, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, depthTimeout)
	defer cancel()
	all, err := j.Depth(ctx)
	if err != nil {
		return all, nil, false
	}
	waiting, err = j.Waiting(ctx)
	return all, waiting, err == nil
}

// addDepth adds how much waits. When the journal does not answer it adds nothing.
func addDepth(ctx context.Context, j Depths, res *manyvoxv1.HealthResponse) {
	depth, waiting, ok := depths(ctx, j)
	if !ok {
		return
	}
	res.Journal = &manyvoxv1.JournalHealth{
		Inbox: int64(depth.Inbox), Outbox: int64(depth.Outbox), DeadLetters: int64(depth.DeadLetters),
	}
	for _, c := range res.GetChannels() {
		c.Waiting = waitingOf(waiting[c.GetName()])
		delete(waiting, c.GetName())
	}
	res.Orphans = slices.Sorted(maps.Keys(waiting))
}

func waitingOf(w journal.Waiting) *manyvoxv1.ChannelWaiting {
	return &manyvoxv1.ChannelWaiting{Inbox: int64(w.Inbox), Outbox: int64(w.Outbox)}
}
