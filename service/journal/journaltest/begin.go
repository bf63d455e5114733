package journaltest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var beginTests = map[string]func(*harness){
	// The turn of a new asked message begins with an event and is known as running; the
	// message is not in the inbox.
	"begin: a new key begins, with an event, and is not stored to be answered": func(h *harness) {
		m := fullMessage()
		lock := h.asks.acquireOf(m.Conversation())
		a := h.asks.begin(lock, m, "digest")
		h.events.want(journal.MessageEvent(&m))
		known, err := h.Recall(h.Context(), a.Key)
		h.wantErr("Recall", err, nil)
		h.equal("known", normalize(*known), journal.Known{Digest: []byte("digest"), State: journal.StateRunning})
		h.asks.end(a, journal.OutcomeDone)
		lock.Release()
		h.inbox.wantNone()
		h.wantDepth(journal.Depth{})
	},
	// Two asked messages are the same one only when channel, sender and id are all equal.
	"begin: the key is channel, sender and id": func(h *harness) {
		elsewhere := message("ann", "1")
		elsewhere.Channel = "phone"
		for _, m := range []channels.Message{message("ann", "1"), message("bob", "1"), elsewhere, message("ann", "2")} {
			lock := h.asks.acquireOf(m.Conversation())
			h.asks.end(h.asks.begin(lock, m, "digest"), journal.OutcomeDone)
			lock.Release()
		}
	},
	// A repeat while the turn runs changes nothing and gets the replies so far, whatever
	// its digest.
	"begin: of a running turn changes nothing and returns what it showed": func(h *harness) {
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, message("ann", "1"), "digest")
		h.asks.settle(a, replyStep("1", channels.Reply{Text: "a"}))
		want := journal.Known{Digest: []byte("digest"), State: journal.StateRunning, Replies: repliesOf("a")}
		wantUnchanged(h, func() {
			h.equal("known", h.asks.beginKnown(lock, "digest"), want)
			h.equal("known", h.asks.beginKnown(lock, "other"), want)
		})
		h.asks.end(a, journal.OutcomeDone)
	},
	// A repeat of a message that was answered changes nothing and gets the same replies,
	// whatever its digest.
	"begin: of a turn that is done changes nothing and returns its replies": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeDone, "a", "b")
		wantKnown(h, "digest of 1", journal.StateDone, "a", "b")
		wantKnown(h, "other", journal.StateDone, "a", "b")
	},
	// A repeat of a message whose turn was interrupted does not run it again; it gets the
	// replies that were recorded.
	"begin: of a turn that was interrupted changes nothing and returns its replies": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeInterrupted, "a")
		wantKnown(h, "digest of 1", journal.StateInterrupted, "a")
		wantKnown(h, "other", journal.StateInterrupted, "a")
	},
	// A repeat of a message whose turn failed before it showed anything begins a new turn,
	// with a higher token and an event of its own.
	"begin: of a turn that failed begins anew": func(h *harness) {
		old := h.asks.askAndEnd("1", journal.OutcomeFailed)
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, message("ann", "1"), "digest of 1")
		if a.Token <= old.Token {
			h.Errorf("token %d follows %d", a.Token, old.Token)
		}
		h.events.want(messageEvent("ann", "1"), messageEvent("ann", "1"))
		h.equal("state", h.asks.recall("1").State, journal.StateRunning)
		h.asks.settle(a, replyStep("1", channels.Reply{Text: "a"}))
		h.asks.end(a, journal.OutcomeDone)
		h.equal("known", h.asks.recall("1"), journal.Known{
			Digest: []byte("digest of 1"), State: journal.StateDone, Replies: repliesOf("a"),
		})
	},
	// A repeat that says something else than the message that failed does not begin a turn.
	"begin: of a turn that failed, with another digest, changes nothing": func(h *harness) {
		h.asks.askAndEnd("1", journal.OutcomeFailed)
		wantKnown(h, "other", journal.StateFailed)
	},
	// A message that Enqueue stored is not answered a second time when it is asked, neither
	// before nor after its turn.
	"begin: of a stored message's key changes nothing": func(h *harness) {
		lock := h.asks.acquire()
		h.inbox.enqueueNew("ann", "1")
		wantUnchanged(h, func() {
			known := h.asks.beginKnown(lock, "digest")
			h.equal("digest", known.Digest, []byte(nil))
			h.equal("state", known.State, journal.State(""))
		})
		lock.Release()
		h.inbox.end(h.inbox.next("1").Claim, journal.OutcomeDone)
		lock = h.asks.acquire()
		defer lock.Release()
		h.equal("digest", h.asks.beginKnown(lock, "digest").Digest, []byte(nil))
	},
	// A message that was asked is not stored by Enqueue any more, neither during nor after
	// its turn.
	"begin: its key is known to Enqueue": func(h *harness) {
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, message("ann", "1"), "digest")
		h.equal("fresh", h.inbox.enqueue(message("ann", "1"), message("bob", "1")), []bool{false, true})
		h.asks.end(a, journal.OutcomeDone)
		h.equal("fresh", h.inbox.enqueue(message("ann", "1")), []bool{false})
	},
	// Of Begin, Enqueue and Push with one key at the same time exactly one finds the key
	// new.
	"begin: of calls at the same time, with Enqueue and Push, one gets the key": func(h *harness) {
		lock := h.asks.acquire()
		defer lock.Release()
		for i := range 50 {
			h.equal("calls that have it", raceForKey(h, lock, fmt.Sprint(i)), 1)
		}
	},
	// An asked message is remembered for the whole of its window; after that its key begins
	// a turn as a new one does, with a higher token.
	"begin: a key is forgotten when its window has passed": func(h *harness) {
		old := h.asks.askAndEnd("1", journal.OutcomeDone, "a")
		time.Sleep(window - time.Second)
		wantKnown(h, "digest of 1", journal.StateDone, "a")
		time.Sleep(time.Second)
		lock := h.asks.acquire()
		defer lock.Release()
		a := h.asks.begin(lock, message("ann", "1"), "other")
		if a.Token <= old.Token {
			h.Errorf("token %d follows %d", a.Token, old.Token)
		}
		h.equal("known", h.asks.recall("1"), journal.Known{Digest: []byte("other"), State: journal.StateRunning})
	},
	// When the context has ended, Begin returns its error and has neither taken the key nor
	// appended an event.
	"begin: an ended context changes nothing": func(h *harness) {
		lock := h.asks.acquire()
		defer lock.Release()
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		_, _, err := h.Begin(ctx, lock, entries(message("ann", "1"))[0], nil)
		h.wantErr("Begin", err, context.Canceled)
		h.asks.wantUnknown("1")
		h.events.want()
	},
}

// wantKnown asks ann's message 1, which was asked with "digest of 1", again with a digest,
// and checks what Begin returns and that nothing changes.
func wantKnown(h *harness, digest string, state journal.State, replies ...string) {
	h.Helper()
	lock := h.asks.acquire()
	defer lock.Release()
	want := normalize(journal.Known{Digest: []byte("digest of 1"), State: state, Replies: repliesOf(replies...)})
	wantUnchanged(h, func() { h.equal("known", h.asks.beginKnown(lock, digest), want) })
}

// wantUnchanged checks that f appends no event and changes nothing that the store knows of
// ann's message 1.
func wantUnchanged(h *harness, f func()) {
	h.Helper()
	events, known := h.events.all(), h.asks.recall("1")
	f()
	h.equal("events", h.events.all(), events)
	h.equal("known", h.asks.recall("1"), known)
}

// raceForKey calls Begin, Enqueue and Push with one key at the same time, and returns how
// many of them found it new.
func raceForKey(h *harness, lock journal.Lock, id string) int {
	var calls sync.WaitGroup
	var fresh atomic.Int32
	found := func(call string, isFresh bool, err error) {
		h.check(call, err)
		if isFresh {
			fresh.Add(1)
		}
	}
	calls.Go(func() {
		a, known, err := h.Begin(h.Context(), lock, entries(message("ann", id))[0], nil)
		found("Begin", known == nil, err)
		if known == nil {
			h.check("SettleAsk", h.SettleAsk(h.Context(), a, journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}}))
		}
	})
	calls.Go(func() {
		news, err := h.Enqueue(h.Context(), entries(message("ann", id))...)
		found("Enqueue", err == nil && news[0], err)
	})
	calls.Go(func() {
		known, err := h.Push(h.Context(), pushOf(id, id))
		found("Push", known == nil, err)
	})
	calls.Wait()
	return int(fresh.Load())
}
