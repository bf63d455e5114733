package rpc

import (
	"context"
	"time"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/journal"
)

// depthTimeout is how long GetStatus waits for the journal: a probe must not hang.
const depthTimeout = time.Second

// Depths is what GetStatus asks of the journal.
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

func waitingOf(w journal.Waiting) *manyvoxv1.ChannelWaiting {
	return &manyvoxv1.ChannelWaiting{Inbox: int64(w.Inbox), Outbox: int64(w.Outbox)}
}
