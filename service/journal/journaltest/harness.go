package journaltest

import (
	"log/slog"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// window is how long the store has to remember the keys of the suite's messages.
	window = 48 * time.Hour
	// moment is how long the suite waits, on the bubble's clock, before it is sure that
	// nothing comes. In a bubble that takes no time.
	moment = time.Millisecond
)

// ann and bob are two conversations on channel "web".
var (
	ann = channels.Conversation{Channel: "web", Sender: "ann"}
	bob = channels.Conversation{Channel: "web", Sender: "bob"}
)

// harness is what a check works with: the store under test, and one client for each role
// of the store. The calls of the clients end the test when they do not return what a right
// store returns.
type harness struct {
	*store
	inbox       inboxClient
	asks        asksClient
	outbox      outboxClient
	live        liveClient
	deadLetters deadLettersClient
	events      eventsClient
	media       mediaClient

	open    Open
	env     journal.Env
	corrupt func(t testing.TB, j journal.Journal, row int64, outbox bool)

	// commits has what the store reports, also when it is opened again.
	commits commits
	// broken says that the store was made to fail.
	broken bool
}

// newHarness opens a store in the directory.
func newHarness(t *testing.T, dir string, open Open, o Options) *harness {
	t.Helper()
	s := &store{T: t}
	inbox, events := newInboxClient(s), eventsClient{s}
	h := &harness{
		store: s, inbox: inbox, events: events,
		asks: asksClient{s, events}, outbox: newOutboxClient(s, inbox), deadLetters: deadLettersClient{s, inbox},
		media: mediaClient{s}, open: open, corrupt: o.Corrupt,
	}
	h.live = liveClient{s, inbox, h.outbox}
	h.env = journal.Env{
		DataDir: dir, Log: slog.New(slog.DiscardHandler), Retention: journal.DefaultRetention, Committed: h.commits.record,
	}
	h.Journal = open(t, h.env)
	return h
}

// closeStore closes the store under test.
func (h *harness) closeStore() {
	h.Helper()
	if err := h.Close(); err != nil {
		h.Errorf("Close: %v", err)
	}
}

// reopen closes the store and opens it again.
func (h *harness) reopen() {
	h.Helper()
	h.closeStore()
	h.Journal = h.open(h.T, h.env)
}

// reopenWith is reopen with another retention.
func (h *harness) reopenWith(retention time.Duration) {
	h.Helper()
	h.env.Retention = retention
	h.reopen()
}

// reopenStale opens the store again, with another age from which nothing is worked on.
func (h *harness) reopenStale(after time.Duration) {
	h.Helper()
	h.env.StaleAfter = after
	h.reopen()
}

// sweep calls Sweep until nothing is left to delete.
func (h *harness) sweep() {
	h.Helper()
	const limit = 2
	for n := limit; n >= limit; {
		var err error
		if n, err = h.Sweep(h.Context(), limit); err != nil {
			h.Fatalf("Sweep: %v", err)
		}
	}
}

// forget forgets ann's conversation, of which the store must keep something.
func (h *harness) forget() {
	h.Helper()
	n, err := h.Forget(h.Context(), ann)
	if err != nil || n == 0 {
		h.Fatalf("Forget deletes %d, error %v", n, err)
	}
	h.wantForgotten()
}

// wantForgotten checks that nothing of ann's conversation can be found.
func (h *harness) wantForgotten() {
	h.Helper()
	h.equal("history", len(h.events.history(9)), 0)
	h.equal("events", len(h.events.page(journal.EventFilter{Channel: "web", Sender: "ann"}, 0, 9).Events), 0)
	h.outbox.wantAddress(ann, "unknown")
	list, err := h.DeadLetters(h.Context(), "web", 0, 99)
	h.wantErr("DeadLetters", err, nil)
	for _, l := range list {
		if conversationOf(l) == ann {
			h.Errorf("there is dead letter %+v", l)
		}
	}
	n, err := h.Forget(h.Context(), ann)
	h.wantErr("Forget", err, nil)
	h.equal("forgotten again", n, 0)
}

// conversationOf returns the conversation of a dead letter.
func conversationOf(l journal.DeadLetter) channels.Conversation {
	if l.Message != nil {
		return l.Message.Conversation()
	}
	return l.Part.Conversation()
}

// wantNoFailure checks that no transaction was reported as failed, unless the store was
// broken on purpose.
func (h *harness) wantNoFailure() {
	h.Helper()
	if _, failures := h.commits.reported(); len(failures) > 0 && !h.broken {
		h.Errorf("%d transactions are reported as failed, such as: %v", len(failures), failures[0])
	}
}
