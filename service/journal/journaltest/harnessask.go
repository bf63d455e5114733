package journaltest

import (
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// acquire takes the lock of ann's conversation, which must be free.
func (h *harness) acquire() journal.Lock {
	h.Helper()
	return h.acquireOf(ann)
}

// acquireOf takes the lock of a conversation, which must be free.
func (h *harness) acquireOf(c channels.Conversation) journal.Lock {
	h.Helper()
	lock, err := h.Acquire(h.Context(), c, 0)
	if err != nil {
		h.Fatalf("Acquire: %v", err)
	}
	return lock
}

// begin starts the turn of an asked message. The message must be new, or have failed.
func (h *harness) begin(lock journal.Lock, m channels.Message, digest string) journal.Asked {
	h.Helper()
	e := entries(m)[0]
	asked, known, err := h.Begin(h.Context(), lock, e, []byte(digest))
	if err != nil || known != nil {
		h.Fatalf("Begin of %s returns %+v, error %v; want its turn to begin", m.ID, known, err)
	}
	h.equal("key", asked.Key, e.Key())
	return asked
}

// beginKnown asks ann's message 1 again and returns what the store knows of it.
func (h *harness) beginKnown(lock journal.Lock, digest string) journal.Known {
	h.Helper()
	_, known, err := h.Begin(h.Context(), lock, entries(message("ann", "1"))[0], []byte(digest))
	if err != nil || known == nil {
		h.Fatalf("Begin returns %+v, error %v; want the message to be known", known, err)
	}
	return normalize(*known)
}

// recall returns what the store knows of a message of ann's, which must be something.
func (h *harness) recall(id string) journal.Known {
	h.Helper()
	known, err := h.Recall(h.Context(), keyOf("ann", id))
	if err != nil || known == nil {
		h.Fatalf("Recall of %s returns %+v, error %v; want it to be known", id, known, err)
	}
	return normalize(*known)
}

// wantUnknown checks that the store knows nothing of a message of ann's.
func (h *harness) wantUnknown(id string) {
	h.Helper()
	known, err := h.Recall(h.Context(), keyOf("ann", id))
	if err != nil || known != nil {
		h.Fatalf("Recall of %s returns %+v, error %v; want nothing", id, known, err)
	}
}

// keyOf returns the key of message(sender, id).
func keyOf(sender, id string) journal.Key {
	return journal.Key{Channel: "web", Sender: sender, ID: id}
}

// normalize makes an empty list of replies nil, so that the two compare as equal.
func normalize(k journal.Known) journal.Known {
	if len(k.Replies) == 0 {
		k.Replies = nil
	}
	return k
}

// settleAsk commits one step of the turn of an asked message.
func (h *harness) settleAsk(a journal.Asked, s journal.Step) {
	h.Helper()
	if err := h.SettleAsk(h.Context(), a, s); err != nil {
		h.Fatalf("SettleAsk: %v", err)
	}
}

// endAsk commits the end of the turn of an asked message.
func (h *harness) endAsk(a journal.Asked, o journal.Outcome) {
	h.Helper()
	h.settleAsk(a, journal.Step{End: &journal.End{Outcome: o, Reason: "because"}})
}

// askAndEnd asks a message of ann's and ends its turn, with replies of one part each.
func (h *harness) askAndEnd(id string, o journal.Outcome, replies ...string) journal.Asked {
	h.Helper()
	lock := h.acquire()
	defer lock.Release()
	a := h.begin(lock, message("ann", id), "digest of "+id)
	for _, text := range replies {
		h.settleAsk(a, replyStep(id, channels.Reply{Text: text}))
	}
	h.endAsk(a, o)
	return a
}

// replyStep returns a step that shows one reply to a message of ann's.
func replyStep(id string, parts ...channels.Reply) journal.Step {
	return journal.Step{Shown: true, Events: []channels.Event{replyEvent("ann", id, parts...)}}
}

// repliesOf returns replies of one part each, as Recall returns them.
func repliesOf(replies ...string) [][]channels.Reply {
	all := make([][]channels.Reply, len(replies))
	for i, text := range replies {
		all[i] = []channels.Reply{{Text: text}}
	}
	return all
}
