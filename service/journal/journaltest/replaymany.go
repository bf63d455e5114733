package journaltest

import (
	"context"
	"errors"
	"fmt"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Many dead letters are of so many conversations, with so many messages each.
const (
	manySenders = 171
	manyEach    = 7
)

// makeManyDeadLetters makes them and returns their ids.
func makeManyDeadLetters(h *harness) []int64 {
	h.Helper()
	for n := range manyEach {
		var es []journal.Entry
		for sender := range manySenders {
			es = append(es, entries(message(fmt.Sprint("sender", sender), fmt.Sprint(n)))...)
		}
		kept, err := h.Refuse(h.Context(), manyEach, es...)
		h.wantErr("Refuse", err, nil)
		h.equal("kept", kept, manySenders)
	}
	return deadLetterIDs(h)
}

// deadLetterIDs returns the ids of all dead letters.
func deadLetterIDs(h *harness) []int64 {
	h.Helper()
	list, err := h.DeadLetters(h.Context(), "", 0, 2*manySenders*manyEach)
	h.wantErr("DeadLetters", err, nil)
	ids := make([]int64, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	return ids
}

var replayManyTests = map[string]func(*harness){
	// Many dead letters are put back in several transactions, so that other calls need not
	// wait for all, each conversation in its order.
	"replay many: in several transactions, in order": func(h *harness) {
		ids := makeManyDeadLetters(h)
		before, _ := h.commits.reported()
		n, err := h.Replay(h.Context(), ids...)
		h.wantErr("Replay", err, nil)
		h.equal("replayed", n, manySenders*manyEach)
		after, _ := h.commits.reported()
		if commits := after - before; commits < 2 || commits > 10 {
			h.Errorf("%d dead letters are put back in %d transactions", n, commits)
		}
		h.wantDepth(journal.Depth{Inbox: n})
		next := map[string]int{}
		for range n {
			turn, err := h.Next(h.Context())
			h.wantErr("Next", err, nil)
			m := turn.Message
			h.equal("message of "+m.Sender, m.ID, fmt.Sprint(next[m.Sender]))
			next[m.Sender]++
			h.inbox.end(turn.Claim, journal.OutcomeDone)
		}
		h.wantDepth(journal.Depth{})
	},
	// When Replay ends early some are put back, as many as it says, and of each conversation
	// all or none. The others are put back by the next call.
	"replay many: what ends early has put back whole conversations": func(h *harness) {
		ids := makeManyDeadLetters(h)
		ctx, cancel := context.WithCancel(h.Context())
		h.commits.onCommit(cancel)
		n, err := h.Replay(ctx, ids...)
		if !errors.Is(err, context.Canceled) || n == 0 || n >= len(ids) {
			h.Fatalf("Replay puts back %d of %d, error %v; want some, and the context's error", n, len(ids), err)
		}
		h.commits.onCommit(nil)
		h.equal("dead letters left", len(deadLetterIDs(h)), len(ids)-n)
		for sender := range manySenders {
			c := channels.Conversation{Channel: "web", Sender: fmt.Sprint("sender", sender)}
			if queued, err := h.Queued(h.Context(), c, 99); err != nil || queued != 0 && queued != manyEach {
				h.Errorf("%d of %d of %s are put back, error %v", queued, manyEach, c.Sender, err)
			}
		}
		again, err := h.Replay(h.Context(), ids...)
		h.wantErr("Replay", err, nil)
		h.equal("replayed by the next call", again, len(ids)-n)
	},
}
