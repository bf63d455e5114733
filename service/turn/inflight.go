package turn

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// inFlightAsk is the turn of a message to which its caller gave an id. It goes on when
// the caller goes away, and whoever asks the same again meanwhile follows it.
type inFlightAsk struct {
	key    journal.Key
	digest digest

	mu      sync.Mutex
	outputs []output
	over    bool
	err     error
	changed journal.Broadcast
}

// output is what the agent gave: a reply, by its parts, or a piece of text.
type output struct {
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

// add hands an output to those who follow the turn.
func (a *inFlightAsk) add(o output) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.outputs = append(a.outputs, o)
	a.changed.Send()
}

// end ends the turn for those who follow it.
func (a *inFlightAsk) end(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over, a.err = true, err
	a.changed.Send()
}

// progress is how far a turn has come.
type progress struct {
	more    []output
	over    bool
	err     error
	changed <-chan struct{}
}

// since returns the outputs from the nth on, and whether they are all there will be.
func (a *inFlightAsk) since(n int) progress {
	a.mu.Lock()
	defer a.mu.Unlock()
	return progress{a.outputs[n:], a.over, a.err, a.changed.Wait()}
}

// follow hands all of the turn to r and returns how it ended, or that the caller went
// away or does not want to wait longer.
func (a *inFlightAsk) follow(ctx context.Context, r channels.Replier) error {
	for n := 0; ; {
		now := a.since(n)
		for _, o := range now.more {
			if err := o.handOn(ctx, r); err != nil {
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

func (o output) handOn(ctx context.Context, r channels.Replier) error {
	if o.delta != "" {
		return r.Delta(ctx, o.delta)
	}
	return handOn(ctx, r, o.parts)
}

// left is the error of a caller whose time is over before the turn is.
func (a *inFlightAsk) left(ctx context.Context) error {
	if ctx.Err() == context.DeadlineExceeded {
		return channels.Errorf(channels.CodeDeadlineExceeded,
			"the answer did not come in time; it may yet: ask again with the same message_id (%s)", a.key.ID)
	}
	return channels.AsError(context.Cause(ctx))
}

// inFlightAsks are the turns of AskOnce that run in this process.
type inFlightAsks struct {
	mu      sync.Mutex
	running map[journal.Key]*inFlightAsk
	// kept counts the places of turns that are over, and whose call was left behind.
	kept  int
	turns sync.WaitGroup
}

// join returns the turn that runs, or makes it and has run run it; nil when limit turns
// run already, with their callers or without. Who comes when it is over asks the journal.
func (l *inFlightAsks) join(k journal.Key, d digest, limit int, run func(*inFlightAsk) error) *inFlightAsk {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.running[k]
	if a != nil || len(l.running)+l.kept >= limit {
		return a
	}
	a = &inFlightAsk{key: k, digest: d}
	l.running[k] = a
	l.turns.Go(func() {
		err := run(a)
		l.remove(a)
		a.end(err)
	})
	return a
}

func (l *inFlightAsks) remove(a *inFlightAsk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, a.key)
}

// keep keeps one place more taken until release is called.
func (l *inFlightAsks) keep() (release func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.kept--
	}
}
