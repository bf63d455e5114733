package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// deadLetter is a dead letter and the position that its row had.
type deadLetter struct {
	journal.DeadLetter
	position int64
}

func (d *deadLetter) conversation() channels.Conversation {
	if d.Message != nil {
		return d.Message.Conversation()
	}
	return d.Part.Conversation()
}

// addDeadLetter gives a dead letter its id and time, and keeps it.
func (s *Store) addDeadLetter(d deadLetter) {
	s.lastDead++
	d.ID, d.Died = s.lastDead, time.Now()
	s.dead[d.ID] = &d
}

// DeadLetters is journal.Journal's.
func (s *Store) DeadLetters(ctx context.Context, channel string, after int64, limit int) (list []journal.DeadLetter, err error) {
	err = s.read(ctx, func() error {
		for _, id := range slices.Sorted(maps.Keys(s.dead)) {
			if d := s.dead[id]; id > after && len(list) < limit && (channel == "" || d.conversation().Channel == channel) {
				list = append(list, d.DeadLetter)
			}
		}
		return nil
	})
	return list, err
}

// Replay is journal.Journal's.
func (s *Store) Replay(ctx context.Context, ids ...int64) (n int, err error) {
	batches, err := s.replayBatches(ctx, ids)
	if err != nil {
		s.env.Report(ctx, err)
		return 0, err
	}
	for _, batch := range batches {
		err := s.write(ctx, func() error {
			replayed := s.takeDeadLetters(batch)
			slices.SortFunc(replayed, func(a, b *deadLetter) int { return cmp.Compare(a.position, b.position) })
			for _, d := range replayed {
				s.replay(d)
			}
			n += len(replayed)
			return nil
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// replayBatches splits dead letters as journal.ReplayBatches does.
func (s *Store) replayBatches(ctx context.Context, ids []int64) (batches [][]int64, err error) {
	err = s.read(ctx, func() error {
		conversations := map[int64]channels.Conversation{}
		for _, id := range ids {
			if d := s.dead[id]; d != nil {
				conversations[id] = d.conversation()
			}
		}
		batches = journal.ReplayBatches(ids, conversations)
		return nil
	})
	return batches, err
}

// replay stores a dead letter's row anew, at its old position.
func (s *Store) replay(d *deadLetter) {
	now := time.Now()
	if d.Message != nil {
		s.lastMessage++
		s.inbox.Replay(s.message(&message{Message: *d.Message, position: d.position, stored: now}))
		return
	}
	s.lastPart++
	s.outbox.Replay(s.part(&part{Part: *d.Part, position: d.position, stored: now}))
}

// Drop is journal.Journal's.
func (s *Store) Drop(ctx context.Context, ids ...int64) (n int, err error) {
	err = s.write(ctx, func() error {
		n = len(s.takeDeadLetters(ids))
		return nil
	})
	return n, err
}

// takeDeadLetters deletes dead letters and returns them. Unknown ids are left out.
func (s *Store) takeDeadLetters(ids []int64) []*deadLetter {
	var found []*deadLetter
	for _, id := range ids {
		if d := s.dead[id]; d != nil {
			found = append(found, d)
			delete(s.dead, id)
		}
	}
	return found
}
