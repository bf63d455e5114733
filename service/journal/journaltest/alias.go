package journaltest

import (
	"fmt"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// unite unites ids and checks whose they are.
func (h *harness) unite(want string, ids ...string) {
	h.Helper()
	sender, err := h.Unite(h.Context(), ann.Channel, ids)
	h.wantErr("Unite", err, nil)
	h.equal(fmt.Sprint("the sender of ", ids), sender, want)
}

// wantIDs checks the ids of a sender, the one that was in use last first.
func (h *harness) wantIDs(sender string, want ...string) {
	h.Helper()
	ids, err := h.Ids(h.Context(), channels.Conversation{Channel: ann.Channel, Sender: sender})
	h.wantErr("Ids", err, nil)
	h.equal("the ids of "+sender, ids, want)
}

var aliasTests = map[string]func(*harness){
	// An id alone is its own sender's, and has itself as its id.
	"alias: an id alone": func(h *harness) {
		h.wantIDs("ann", "ann")
		h.unite("ann", "ann")
		h.unite("ann", "ann")
		h.wantIDs("ann", "ann")
	},
	// Ids that are named together have one sender, which all of them lead to. Other channels
	// know nothing of that.
	"alias: ids that are named together": func(h *harness) {
		h.unite("+1", "+1", "u1")
		h.unite("+1", "u1")
		h.wantIDs("+1", "u1", "+1")
		h.wantIDs("u1", "u1", "+1")
		sender, err := h.Unite(h.Context(), "phone", []string{"u1"})
		h.wantErr("Unite", err, nil)
		h.equal("of another channel", sender, "u1")
	},
	// Of several conversations the one that was first is theirs, however they are named, also
	// when each has several ids already.
	"alias: the conversation that was first": func(h *harness) {
		h.unite("a", "a", "a2")
		time.Sleep(time.Second)
		h.unite("b", "b", "b2")
		time.Sleep(time.Second)
		h.unite("a", "b2", "a2")
		h.unite("a", "b")
		h.wantIDs("b2", "b", "b2", "a", "a2")
	},
	// A conversation that was there before any of its ids was named was first.
	"alias: a conversation without aliases": func(h *harness) {
		h.unite("new", "new")
		time.Sleep(time.Second)
		h.inbox.enqueueNew("old", "1")
		h.inbox.settle(h.inbox.next("1").Claim, journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}})
		h.unite("old", "new", "old")
		h.wantIDs("old", "new", "old")
	},
	// The id that was in use last is first, also within the day in which nothing is written
	// otherwise.
	"alias: the id in use": func(h *harness) {
		h.unite("a", "a", "b")
		time.Sleep(time.Minute)
		h.unite("a", "b")
		h.wantIDs("a", "b", "a")
		time.Sleep(time.Minute)
		h.unite("a", "a")
		h.wantIDs("a", "a", "b")
	},
	// A sender has so many ids; those that were not in use for longest are given up.
	"alias: not more than 16": func(h *harness) {
		h.unite("a", "a")
		want := []string{}
		for n := range journal.MaxAliases {
			time.Sleep(time.Minute)
			id := fmt.Sprint("id", n)
			h.unite("a", id, "a")
			want = append([]string{id}, want...)
		}
		want = append([]string{want[0], "a"}, want[1:journal.MaxAliases-1]...)
		time.Sleep(25 * time.Hour) // "a" is named anew, just after the newest
		h.unite("a", want[0], "a")
		h.wantIDs("a", want...)
		h.unite("id0", "id0")
	},
	// Forget of a conversation forgets its ids, counts them, and touches no others.
	"alias: until it is forgotten": func(h *harness) {
		h.unite("ann", "ann", "x")
		h.unite("bob", "bob", "y")
		n, err := h.Forget(h.Context(), ann)
		h.wantErr("Forget", err, nil)
		h.equal("rows", n, 2)
		h.unite("x", "x")
		h.unite("bob", "y")
	},
	// What is not named for as long as events are kept is swept; what is named stays.
	"alias: until it is swept": func(h *harness) {
		h.unite("a", "a", "a2")
		for range 2 {
			time.Sleep(journal.AliasAge(journal.DefaultRetention) * 3 / 5)
			h.unite("a", "a2")
		}
		n, err := h.Sweep(h.Context(), 99)
		h.wantErr("Sweep", err, nil)
		h.equal("swept", n, 1)
		h.wantIDs("a", "a2")
		h.unite("a", "a2")
	},
	// Many calls at once agree on one sender.
	"alias: at once": func(h *harness) {
		const calls = 20
		senders := make([]string, calls)
		var wg sync.WaitGroup
		for i := range calls {
			wg.Go(func() {
				var err error
				senders[i], err = h.Unite(h.Context(), ann.Channel, []string{fmt.Sprint("n", i%4), "common"})
				if err != nil {
					h.Errorf("Unite: %v", err)
				}
			})
		}
		wg.Wait()
		ids, err := h.Ids(h.Context(), channels.Conversation{Channel: ann.Channel, Sender: "common"})
		h.wantErr("Ids", err, nil)
		h.equal("ids", len(ids), 5)
		first, err := h.Unite(h.Context(), ann.Channel, []string{"common"})
		h.wantErr("Unite", err, nil)
		for _, s := range senders {
			h.equal("sender", s, first)
		}
	},
}

var reopenAliasTests = map[string]func(*harness){
	// Aliases are there when the store is opened again, in their order.
	"reopen: aliases stay": func(h *harness) {
		h.unite("a", "a", "b")
		time.Sleep(time.Minute)
		h.unite("a", "c", "a")
		h.reopen()
		h.unite("a", "b", "c")
		h.wantIDs("a", "b", "c", "a")
	},
}
