package turn

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// inFlightAsk is the turn of a message to which its caller gave an id. It goes on when
// the caller goes away, and whoever asks the same again meanwhile follows it.
type inFlightAsk struct {
	key    journal.Key
	digest digest
	// told ends, by cancel, when the turn is to end before its time: its place is needed for
	// another caller, or it was stopped.
	told   context.Context
	cancel context.CancelCauseFunc
	// callers and alone are inFlightAsks': how many follow the turn, and its element in
	// the list of those without a caller, nil when it is not there.
	callers int
	alone   *list.Element

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
	// format is that of the text which the piece belongs to.
	format channels.Format
}

// digest tells messages apart that have the same id.
type digest [sha256.Size]byte

// digestOf is the same for all that says the same, whatever the time, the route, and the
// order and the escapes in the metadata. An attachment's ref stands for its url, which may be
// another each time.
func digestOf(m channels.Message) (digest, error) {
	m.Received, m.Address = time.Time{}, ""
	m.Attachments = slices.Clone(m.Attachments)
	for i := range m.Attachments {
		if m.Attachments[i].Ref != "" {
			m.Attachments[i].URL = ""
		}
	}
	if m.Metadata != nil {
		canonical, err := canonicalJSON(m.Metadata)
		if err != nil {
			return digest{}, err
		}
		m.Metadata = canonical
	}
	body, err := channels.Marshal(m)
	return sha256.Sum256(body), err
}

// canonicalJSON returns a JSON value with its keys sorted, its strings written one way,
// and its numbers to the letter: 1.0 is not 1 to whoever reads it.
func canonicalJSON(value json.RawMessage) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return channels.Marshal(v)
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
		return channels.DeltaIn(ctx, r, o.format, o.delta)
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

// errPlaceNeeded ends a turn that nobody waits for.
var errPlaceNeeded = &channels.Error{
	Code: channels.CodeOverloaded, RetryAfter: instance.RetryAfter,
	Message: "the turn was ended: nobody waited for it, and too many messages are being answered",
}

// inFlightAsks are the turns of AskOnce that run in this process. A turn whose callers
// have gone away keeps its place only as long as nobody else needs it.
type inFlightAsks struct {
	mu      sync.Mutex
	running map[journal.Key]*inFlightAsk
	// alone are those without a caller, the one that has been for longest first.
	alone list.List
	// ending counts those that were ended for their place, and have not ended yet.
	ending int
	// kept counts the places of turns that are over, and whose call was left behind.
	kept  int
	turns sync.WaitGroup
}

func newInFlightAsks() *inFlightAsks {
	return &inFlightAsks{running: map[journal.Key]*inFlightAsk{}}
}

// join returns the turn that runs, or makes it and has run run it; nil when limit turns
// run already and each has a caller. Leave must follow, unless it is nil. Who comes when
// the turn is over asks the journal. Joined says that the turn ran already.
func (l *inFlightAsks) join(k journal.Key, d digest, limit int, run func(*inFlightAsk) error) (a *inFlightAsk, joined bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.running[k]; a != nil {
		a.callers++
		l.removeAlone(a)
		return a, true
	}
	if len(l.running)-l.ending+l.kept >= limit && !l.endAlone() {
		return nil, false
	}
	a = &inFlightAsk{key: k, digest: d, callers: 1}
	a.told, a.cancel = context.WithCancelCause(context.Background())
	l.running[k] = a
	l.turns.Go(func() {
		defer a.cancel(nil)
		err := run(a)
		l.remove(a)
		a.end(err)
	})
	return a, false
}

// endAlone ends the turn that has been without a caller for longest, and reports whether
// there was one.
func (l *inFlightAsks) endAlone() bool {
	first := l.alone.Front()
	if first == nil {
		return false
	}
	a := first.Value.(*inFlightAsk) // the list holds nothing else
	l.removeAlone(a)
	l.ending++
	a.cancel(errPlaceNeeded)
	return true
}

// leave is called when a caller of join follows the turn no more.
func (l *inFlightAsks) leave(a *inFlightAsk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.callers--; a.callers == 0 && l.running[a.key] == a && a.told.Err() == nil {
		a.alone = l.alone.PushBack(a)
	}
}

func (l *inFlightAsks) removeAlone(a *inFlightAsk) {
	if a.alone != nil {
		l.alone.Remove(a.alone)
		a.alone = nil
	}
}

// remove removes a turn that is over.
func (l *inFlightAsks) remove(a *inFlightAsk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, a.key)
	l.removeAlone(a)
	if context.Cause(a.told) == errPlaceNeeded { //nolint:errorlint // a cause of ours, as it is
		l.ending--
	}
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
