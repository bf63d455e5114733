package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

var mediaTests = map[string]func(*harness){
	// A medium is read as it was put in, from its own channel alone.
	"media: are read by channel and ref": func(h *harness) {
		m := medium("r")
		m.Content, m.Name, m.MIME = []byte("\x00\xff\n"), "\xff \x00.png", ""
		h.media.put(m)
		got, err := h.Medium(h.Context(), "web", "r")
		h.wantErr("Medium", err, nil)
		h.equal("medium", *got, m)
		h.media.wantNone("web", "s", "")
		h.media.wantNone("phone", "r")
	},
	// An empty medium, and a large one, are media too.
	"media: of no bytes and of many": func(h *harness) {
		empty, large := medium("empty"), medium("large")
		empty.Content, large.Content = nil, make([]byte, 5<<20)
		large.Content[5<<20-1] = 1
		h.media.put(empty, large)
		for _, want := range []journal.Medium{empty, large} {
			got, err := h.Medium(h.Context(), "web", want.Ref)
			h.wantErr("Medium", err, nil)
			if string(got.Content) != string(want.Content) {
				h.Errorf("%s: other content, of %d bytes", want.Ref, len(got.Content))
			}
		}
	},
	// One that no message holds is kept for its time, and then gone, swept or not.
	"media: unused, are kept for their time": func(h *harness) {
		h.media.put(medium("r"))
		time.Sleep(mediumLife - time.Second)
		h.sweep()
		h.media.want("r")
		time.Sleep(2 * time.Second)
		h.media.wantNone("web", "r")
		h.media.hold("r", keyOf("ann", "1"), "r")
		h.sweep()
		h.media.wantUse("ann", journal.MediaUse{}, journal.MediaUse{})
	},
	// What is put in again stays as it was, and its time begins anew.
	"media: put in again, stay": func(h *harness) {
		h.media.put(medium("r"))
		time.Sleep(mediumLife / 2)
		other := medium("r")
		other.Content = []byte("other")
		h.media.put(other)
		time.Sleep(mediumLife - time.Second)
		h.sweep()
		h.media.want("r")
	},
	// One message holds a medium: no other gets it, of the same sender or of another, and a
	// refusal changes nothing.
	"media: are held by one message": func(h *harness) {
		h.media.put(medium("r"), medium("s"))
		h.media.hold("", keyOf("ann", "1"), "r")
		h.media.hold("", keyOf("ann", "1"), "r")
		h.media.hold("r", keyOf("ann", "2"), "r")
		h.media.hold("r", keyOf("bob", "1"), "s", "r")
		h.media.hold("unknown", keyOf("bob", "1"), "s", "unknown")
		h.media.hold("", keyOf("ann", "2"), "s")
		k := keyOf("bob", "1")
		k.Channel = "phone"
		h.media.hold("s", k, "s")
	},
	// What was put in for a sender is held by messages of that sender alone.
	"media: of a sender are that sender's": func(h *harness) {
		m := medium("r")
		m.Sender = "ann"
		h.media.put(m)
		h.media.hold("r", keyOf("bob", "1"), "r")
		h.media.hold("", keyOf("ann", "1"), "r")
	},
	// A message that is not stored holds its media for the time that it asks for.
	"media: are held for a time": func(h *harness) {
		h.media.put(medium("r"))
		missing, err := h.HoldMedia(h.Context(), keyOf("ann", "1"), 3*mediumLife, "r")
		h.wantErr("HoldMedia", err, nil)
		h.equal("missing", missing, "")
		time.Sleep(2 * mediumLife)
		h.sweep()
		h.media.want("r")
		time.Sleep(2 * mediumLife)
		h.sweep()
		h.media.wantNone("web", "r")
	},
	// Only the message that holds media drops them.
	"media: are dropped by their message": func(h *harness) {
		h.media.put(medium("r"), medium("s"), medium("t"))
		h.media.hold("", keyOf("ann", "1"), "r", "s")
		h.media.drop(keyOf("ann", "2"), "r", "s")
		h.media.drop(keyOf("bob", "1"), "r", "s")
		h.media.drop(keyOf("ann", "1"), "r", "t", "unknown")
		h.media.wantNone("web", "r")
		h.media.want("s", "t")
	},
	// How much is stored is counted for the channel and for the sender.
	"media: their use is counted": func(h *harness) {
		of, elsewhere := medium("s"), medium("e")
		of.Sender, elsewhere.Channel = "ann", "phone"
		h.media.put(medium("r"), of, elsewhere)
		size := int64(len(medium("r").Content))
		h.media.wantUse("ann", journal.MediaUse{Count: 2, Bytes: 2 * size}, journal.MediaUse{Count: 1, Bytes: size})
		h.media.hold("", keyOf("ann", "1"), "r", "s")
		h.media.wantUse("ann", journal.MediaUse{Count: 2, Bytes: 2 * size}, journal.MediaUse{Count: 2, Bytes: 2 * size})
	},
	// When the context has ended, nothing is put in.
	"media: an ended context changes nothing": func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		h.wantErr("PutMedium", h.PutMedium(ctx, medium("r"), mediumLife), context.Canceled)
		h.media.wantNone("web", "r")
	},
}

var keptMediaTests = map[string]func(*harness){
	// A stored message keeps its media however long it waits, through a retry too, and they
	// are gone once it is answered.
	"media: stay while their message waits": func(h *harness) {
		h.enqueueHolding("1", "r", "s")
		turn := h.inbox.next("1")
		h.inbox.retry(turn.Claim, 2*mediumLife)
		time.Sleep(2 * mediumLife)
		h.sweep()
		h.media.want("r", "s")
		turn = h.inbox.next("1")
		h.sweep()
		h.media.want("r", "s")
		h.inbox.end(turn.Claim, journal.OutcomeDone)
		h.sweep()
		h.media.wantNone("web", "r", "s")
	},
	// They go with their own message, whatever becomes of others.
	"media: go with their own message": func(h *harness) {
		h.enqueueHolding("1", "r")
		h.enqueueHolding("2", "s")
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		time.Sleep(2 * mediumLife)
		h.sweep()
		h.media.wantNone("web", "r")
		h.media.want("s")
	},
	// A dead letter keeps its media, through a replay and the turn that follows.
	"media: stay with a dead letter and its replay": func(h *harness) {
		h.enqueueHolding("1", "r")
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeFailed)
		time.Sleep(2 * mediumLife)
		h.sweep()
		h.media.want("r")
		h.deadLetters.replay(h.deadLetters.want("1")...)
		h.sweep()
		h.media.want("r")
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeFailed)
		h.sweep()
		h.media.want("r")
		h.deadLetters.replay(h.deadLetters.want("1")...)
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.sweep()
		h.media.wantNone("web", "r")
	},
	// Media go when their dead letter is dropped.
	"media: go with a dead letter that is dropped": func(h *harness) {
		h.enqueueHolding("1", "r")
		h.enqueueHolding("2", "s")
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeInterrupted)
		h.inbox.end(h.inbox.next("2").Claim, journal.OutcomeFailed)
		_, err := h.Drop(h.Context(), h.deadLetters.want("1", "2")[0].ID)
		h.wantErr("Drop", err, nil)
		h.sweep()
		h.media.wantNone("web", "r")
		h.media.want("s")
	},
	// A message that was refused, or waited for too long, keeps its media as a dead letter,
	// and they go when that has become too old.
	"media: stay with a message that was refused or expired": func(h *harness) {
		h.media.put(medium("r"))
		h.media.hold("", keyOf("ann", "1"), "r")
		e := entries(messageHolding("1", "r"))
		e[0].Media = true
		kept, err := h.Refuse(h.Context(), 9, e...)
		h.wantErr("Refuse", err, nil)
		h.equal("kept", kept, 1)
		h.enqueueHolding("2", "s")
		time.Sleep(journal.DefaultStaleAfter + time.Second)
		h.sweep()
		h.media.want("r", "s")
		time.Sleep(journal.DefaultDeadLetterRetention + time.Second)
		h.sweep()
		h.sweep()
		h.media.wantNone("web", "r", "s")
	},
	// Forget deletes what the messages of the conversation hold, and what was put in for its
	// sender; others' media stay.
	"media: are forgotten with their conversation": func(h *harness) {
		mine, his := medium("mine"), medium("his")
		mine.Sender, his.Sender = "ann", "bob"
		h.media.put(mine, his, medium("free"), medium("asked"))
		h.media.hold("", keyOf("ann", "9"), "asked")
		h.enqueueHolding("1", "r")
		h.enqueueHolding("2", "s")
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeFailed)
		h.forget()
		h.media.wantNone("web", "r", "s", "mine", "asked")
		h.media.want("his", "free")
	},
	// A message that was stored already keeps its media when it comes again.
	"media: a repeat changes nothing": func(h *harness) {
		h.enqueueHolding("1", "r")
		h.media.hold("", keyOf("ann", "1"), "r")
		e := entries(messageHolding("1", "r"))
		e[0].Media = true
		fresh, err := h.Enqueue(h.Context(), e...)
		h.wantErr("Enqueue", err, nil)
		h.equal("fresh", fresh, []bool{false})
		time.Sleep(2 * mediumLife)
		h.sweep()
		h.media.want("r")
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		h.sweep()
		h.media.wantNone("web", "r")
	},
}

var reopenMediaTests = map[string]func(*harness){
	// Media are there when the store is opened again: those that nobody uses, those of a
	// claimed message, whose claim is lost, and those of a dead letter.
	"reopen: media stay": func(h *harness) {
		h.enqueueHolding("1", "r")
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeFailed)
		h.enqueueHolding("2", "s")
		h.inbox.next("2")
		h.media.put(medium("unused"))
		h.reopen()
		h.sweep()
		h.media.want("r", "s", "unused")
		h.media.hold("r", keyOf("ann", "3"), "r")
		time.Sleep(2 * mediumLife)
		h.sweep()
		h.media.want("r", "s")
		h.inbox.end(h.inbox.next("2").Claim, journal.OutcomeDone)
		h.sweep()
		h.media.wantNone("web", "s", "unused")
		h.deadLetters.replay(h.deadLetters.want("1")...)
		h.reopen()
		h.sweep()
		h.media.want("r")
	},
}
