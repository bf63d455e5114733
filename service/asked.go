package service

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// asked is the turn of a message to which its caller gave an id. It goes on when the
// caller goes away, and whoever asks the same again meanwhile follows it.
type asked struct {
	key    journal.Key
	digest digest

	mu      sync.Mutex
	given   []given
	over    bool
	err     error
	changed journal.Broadcast
}

// given is what the agent gave: a reply, by its parts, or a piece of text.
type given struct {
	parts []channels.Reply
	delta string
}

// digest tells messages apart that have the same id.
type digest [sha256.Size]byte

// digestOf is the same for all that says the same, whatever the time and the route.
func digestOf(m channels.Message) (digest, error) {
	m.Received, m.Address = time.Time{}, ""
	body, err := channels.Marshal(m)
	return sha256.Sum256(body), err
}

func newAsked(k journal.Key, d digest) *asked {
	return &asked{key: k, digest: d}
}

func (a *asked) give(g given) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.given = append(a.given, g)
	a.changed.Send()
}

// end ends the turn for those who follow it.
func (a *asked) end(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over, a.err = true, err
	a.changed.Send()
}

// state is how far a turn has come.
type state struct {
	more    []given
	over    bool
	err     error
	changed <-chan struct{}
}

// from returns what was given from the nth on, and whether that is all there will be.
func (a *asked) from(n int) state {
	a.mu.Lock()
	defer a.mu.Unlock()
	return state{a.given[n:], a.over, a.err, a.changed.Wait()}
}

// follow hands all of the turn to r and returns how it ended, or that the caller went
// away or does not want to wait longer.
func (a *asked) follow(ctx context.Context, r channels.Replier) error {
	for n := 0; ; {
		now := a.from(n)
		for _, g := range now.more {
			if err := g.handOn(ctx, r); err != nil {
				return &channels.Error{Code: channels.CodeCanceled, Message: "the caller went away", Err: err}
			}
		}
		n += len(now.more)
		if now.over {
			return now.err
		}
		select {
		case <-now.changed:
		case <-ctx.Done():
			return a.left(ctx)
		}
	}
}

func (g given) handOn(ctx context.Context, r channels.Replier) error {
	if g.delta != "" {
		return r.Delta(ctx, g.delta)
	}
	return handOn(ctx, r, g.parts)
}

// left is what a caller is told whose time is over before the turn is.
func (a *asked) left(ctx context.Context) error {
	if ctx.Err() == context.DeadlineExceeded {
		return channels.Errorf(channels.CodeDeadlineExceeded,
			"the answer did not come in time; it may yet: ask again with the same message_id (%s)", a.key.ID)
	}
	return channels.AsError(context.Cause(ctx))
}

// askedTurns are those that run in this process.
type askedTurns struct {
	mu      sync.Mutex
	running map[journal.Key]*asked
	turns   sync.WaitGroup
}

// enter returns the turn that runs, or makes it and has run run it; nil when most run
// already, with their callers or without. Who comes when it is over asks the journal.
func (l *askedTurns) enter(k journal.Key, d digest, most int, run func(*asked) error) *asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.running[k]
	if a != nil || len(l.running) >= most {
		return a
	}
	a = newAsked(k, d)
	l.running[k] = a
	l.turns.Go(func() {
		err := run(a)
		l.leave(a)
		a.end(err)
	})
	return a
}

func (l *askedTurns) leave(a *asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, a.key)
}
