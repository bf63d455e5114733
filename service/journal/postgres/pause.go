package postgres

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Due times are of the wall clock. When that is set back, a row that was to wait for a
// minute would wait for an hour and a minute, and its conversation with it. Such a row is
// known by when it was put off: that is in the future. When the store is opened, and later
// when a scan finds one, it is made due as journal.Pause says.

// clockSlack is how much the clocks of replicas may differ before one thinks that its own
// was set back.
const clockSlack = time.Minute

// dueOf returns when a row is due as it is stored. A row that is due at once has 0, which
// is past by any clock: those of replicas differ.
func dueOf(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return micro(at)
}

// waitsLong reports whether a row would wait for longer than it was to wait. Of one whose
// pause is not known that is the longest pause.
func waitsLong(now time.Time, due, postponed int64) bool {
	if postponed == 0 {
		return due > micro(now.Add(journal.MaxPause))
	}
	return due > micro(now) && postponed > micro(now.Add(clockSlack))
}

// clampAll makes all rows due in time, when the store is opened.
func (d *dispatcher[T]) clampAll(ctx context.Context) error {
	for {
		now := d.store.now()
		rows, err := d.store.readPool.Query(ctx, d.table.late,
			micro(now), micro(now.Add(clockSlack)), micro(now.Add(journal.MaxPause)), maxBatch/2)
		late, err := collect(rows, err, scanConversationKey)
		if err != nil || len(late) == 0 {
			return err
		}
		if err := d.store.writer.commit(ctx, d.clamping(late)); err != nil {
			return err
		}
		if len(late) < maxBatch/2 {
			return nil
		}
	}
}

// clamp makes the rows among those found due in time.
func (d *dispatcher[T]) clamp(found []dueQueue) error {
	now := d.store.now()
	var late []channels.Conversation
	for _, q := range found {
		if waitsLong(now, q.due, q.postponed) && len(late) < maxBatch/2 {
			late = append(late, q.Conversation)
		}
	}
	if len(late) == 0 {
		return nil
	}
	return d.store.writer.commit(context.Background(), d.clamping(late))
}

// clamping returns the operation that does so with the first rows of conversations.
func (d *dispatcher[T]) clamping(late []channels.Conversation) *operation {
	o := d.readingFirst(late)
	o.apply = func(t *tx) error {
		first, w := t.firstParts, &t.outbox
		if d.table.isInbox {
			first, w = t.firstMessages, &t.inbox
		}
		for _, c := range late {
			q, r := d.queueOf(t.conversations[c]), first[c]
			if r == nil || q.row != 0 || q.headChanged || !waitsLong(t.now, r.due, r.postponed) {
				continue
			}
			due := micro(t.now.Add(journal.Pause(t.now, fromMicro(r.due), fromMicro(r.postponed))))
			w.updateOf(r.number).due = &due
			t.conversations[c].changed, q.headChanged = true, true
		}
		return nil
	}
	return o
}
