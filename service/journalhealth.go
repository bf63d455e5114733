package service

import (
	"context"
	"maps"
	"slices"
	"time"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// journalPatience is how long Health waits for the journal: a probe must not hang.
const journalPatience = time.Second

// addJournalHealth adds what is kept. Of a journal that does not answer it adds nothing.
func (s *Service) addJournalHealth(ctx context.Context, res *manyvoxv1.HealthResponse) {
	ctx, cancel := context.WithTimeout(ctx, journalPatience)
	defer cancel()
	depth, err := s.journal.Depth(ctx)
	if err != nil {
		return
	}
	waiting, err := s.journal.Waiting(ctx)
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
