package postgres

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// gates order the callers of Join with the turns of this replica alone, in memory: that
// is Options.Ordering Replica.
type gates struct {
	store *Store

	mu  sync.Mutex
	all map[channels.Conversation]*gate
}

// gate is that of one conversation in which a turn is at work here, or a caller.
type gate struct {
	// turns is how many are claimed here, or about to be: none or one, and for a moment
	// one that ends and one that begins.
	turns int
	// active is the caller who is first.
	active  *guest
	waiting []*guest
}

// guest is a caller.
type guest struct {
	// barrier is the position up to which rows go before it, once that is known.
	barrier int64
	known   bool
	first   chan struct{}
}

func newGates(s *Store) *gates {
	return &gates{store: s, all: map[channels.Conversation]*gate{}}
}

// gated reports whether callers are ordered by gates.
func (s *Store) gated() bool { return s.options.Ordering == Replica }

func (g *gates) of(c channels.Conversation) *gate {
	if g.all[c] == nil {
		g.all[c] = &gate{}
	}
	return g.all[c]
}

// tidy forgets a gate that nobody needs.
func (g *gates) tidy(c channels.Conversation) {
	if one := g.all[c]; one != nil && one.turns == 0 && one.active == nil && len(one.waiting) == 0 {
		delete(g.all, c)
	}
}

// enter lets a turn begin with the row at the position, unless a caller goes before it.
func (g *gates) enter(c channels.Conversation, position int64) bool {
	if !g.store.gated() {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	one := g.of(c)
	if one.active != nil || len(one.waiting) > 0 && position > one.waiting[0].barrier {
		return false
	}
	one.turns++
	return true
}

// end says that a turn has ended, or did not begin.
func (g *gates) end(c channels.Conversation) {
	if !g.store.gated() {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if one := g.all[c]; one != nil {
		one.turns = max(0, one.turns-1)
		g.tidy(c)
		g.store.usher.hint(c)
	}
}

// endAll says that the claims of all turns were lost.
func (g *gates) endAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c, one := range g.all {
		one.turns = 0
		g.tidy(c)
		g.store.usher.hint(c)
	}
}

const (
	// readBarrier returns the position up to which all rows have been stored or will be
	// at once, and whether there is any.
	readBarrier = `
SELECT last_value, EXISTS (SELECT FROM inbox WHERE channel = $1 AND sender = $2) FROM number`
	readFirst = `SELECT position FROM inbox WHERE channel = $1 AND sender = $2 ORDER BY position LIMIT 1`
)

// join waits as Join does.
func (g *gates) join(ctx context.Context, c channels.Conversation, most int) (journal.Lock, error) {
	one, before := g.register(c)
	var barrier int64
	var waits bool
	err := g.store.read(ctx, func(ctx context.Context) error {
		return g.store.db.QueryRow(ctx, readBarrier, []byte(c.Channel), []byte(c.Sender)).Scan(&barrier, &waits)
	})
	if err == nil {
		err = g.settle(c, one, barrier, waits, before >= most)
	}
	if err == nil {
		err = g.store.await(ctx, one.first, nil)
	}
	if err != nil {
		g.leave(c, one)
		if ctx.Err() != nil && !isClosed(err) {
			err = context.Cause(ctx)
		}
		return journal.Lock{}, err
	}
	return journal.Lock{Release: func() { g.leave(c, one) }}, nil
}

// register puts a caller at the end of those that wait, and holds up all turns that
// have not begun until it is known which of them go before it.
func (g *gates) register(c channels.Conversation) (one *guest, before int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	one = &guest{first: make(chan struct{})}
	at := g.of(c)
	before = len(at.waiting)
	at.waiting = append(at.waiting, one)
	return one, before
}

// settle lets a caller go on whose line is idle, and else refuses it when the line is
// full.
func (g *gates) settle(c channels.Conversation, one *guest, barrier int64, waits, full bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.all[c]
	one.barrier, one.known = barrier, true
	if !waits && at.turns == 0 && at.active == nil && at.waiting[0] == one {
		at.begin()
		return nil
	}
	if full {
		return journal.ErrQueueFull
	}
	g.store.usher.hint(c)
	g.store.inbox.look()
	return nil
}

// begin lets the first of those that wait work.
func (at *gate) begin() {
	at.active, at.waiting = at.waiting[0], at.waiting[1:]
	close(at.active.first)
}

// leave takes a caller out, whether it is first or waits.
func (g *gates) leave(c channels.Conversation, one *guest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.all[c]
	switch {
	case at == nil:
		return
	case at.active == one:
		at.active = nil
	default:
		at.waiting = slices.DeleteFunc(at.waiting, func(o *guest) bool { return o == one })
	}
	g.tidy(c)
	g.store.usher.hint(c)
	g.store.inbox.look()
}

// poll has all conversations looked at in which callers wait: others may have answered
// what goes before them.
func (g *gates) poll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c, at := range g.all {
		if len(at.waiting) > 0 {
			g.store.usher.hint(c)
		}
	}
}

// admit lets callers begin where nothing goes before them any more.
func (g *gates) admit(all []channels.Conversation) error {
	for _, c := range all {
		if one := g.candidate(c); one != nil {
			if err := g.admitOne(c, one); err != nil {
				return err
			}
		}
	}
	return nil
}

// candidate returns the caller who may be first, nil when there is none.
func (g *gates) candidate(c channels.Conversation) *guest {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.all[c]
	if at == nil || at.turns > 0 || at.active != nil || len(at.waiting) == 0 || !at.waiting[0].known {
		return nil
	}
	return at.waiting[0]
}

func (g *gates) admitOne(c channels.Conversation, one *guest) error {
	var first int64
	err := g.store.read(context.Background(), func(ctx context.Context) error {
		err := g.store.db.QueryRow(ctx, readFirst, []byte(c.Channel), []byte(c.Sender)).Scan(&first)
		if errors.Is(err, pgx.ErrNoRows) {
			first = 0
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.all[c]
	goes := first == 0 || first > one.barrier
	if at != nil && goes && at.turns == 0 && at.active == nil && len(at.waiting) > 0 && at.waiting[0] == one {
		at.begin()
	}
	return nil
}
