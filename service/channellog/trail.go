package channellog

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// maxNotes bounds what is noted of one request.
const maxNotes = 20

// Trail is the context of a request, or of a call of Send, while that is under way: what is
// found out about it meanwhile becomes one exchange of the log, or one for each message of a
// batch.
type Trail struct {
	context.Context //nolint:containedctx // it is a context
	recorder        *Recorder
	base            channels.Exchange

	mu      sync.Mutex
	notes   []channels.Exchange
	one     [1]channels.Exchange // the place of the first note
	dropped int
	ended   bool
}

// trailKey finds the trail of a context.
type trailKey struct{}

// trailOf returns the trail that a context descends from, nil when there is none.
func trailOf(ctx context.Context) *Trail {
	t, _ := ctx.Value(trailKey{}).(*Trail)
	return t
}

// Begin returns the context of what begins now. Base is what is known of it. Its End must be
// called.
func (r *Recorder) Begin(ctx context.Context, base channels.Exchange) *Trail {
	base.Began = time.Now()
	t := &Trail{Context: ctx, recorder: r, base: base}
	t.notes = t.one[:0]
	return t
}

// Value finds the trail itself.
func (t *Trail) Value(key any) any {
	if _, ok := key.(trailKey); ok {
		return t
	}
	return t.Context.Value(key)
}

// noted returns how much was noted. It is false for a trail that is not under way, or of
// another channel or direction.
func (t *Trail) noted(r *Recorder, d channels.Direction) (int, bool) {
	if t == nil {
		return 0, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.notes) + t.dropped, !t.ended && t.recorder == r && t.base.Direction == d
}

// note keeps an exchange until the end. It returns false for what is no part of the trail:
// another channel's, the other direction's, and what comes too late.
func (t *Trail) note(r *Recorder, e *channels.Exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended || t.recorder != r || t.base.Direction != e.Direction {
		return false
	}
	t.keep(e)
	return true
}

// Conclude says what was made of what is under way, where nothing has been said yet.
func (t *Trail) Conclude(e channels.Exchange) { t.conclude(0, &e) }

// conclude notes an exchange where no more than n have been noted.
func (t *Trail) conclude(n int, e *channels.Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ended && len(t.notes)+t.dropped == n {
		t.keep(e)
	}
}

// keep adds a note. It is called with the lock.
func (t *Trail) keep(e *channels.Exchange) {
	if len(t.notes) == maxNotes {
		t.dropped++
		return
	}
	t.notes = append(t.notes, *e)
}

// EndRequest records the request. Status is that of its answer. Only the first end counts.
func (t *Trail) EndRequest(status int, bytes int64) {
	t.base.Status, t.base.Bytes = status, bytes
	for _, e := range t.end() {
		e.Status, e.Bytes, e.Began, e.Duration = status, bytes, t.base.Began, t.base.Duration
		if e.Route == "" {
			e.Route = t.base.Route
		}
		t.recorder.record(t.Context, e)
	}
}

// EndCall records the calls of the platform that one call of the channel has made, which
// ended with err: the last call has failed with it.
func (t *Trail) EndCall(err error) {
	t.base.Verdict = channels.VerdictAccepted // where there was no call by HTTP
	notes := t.end()
	for i, e := range notes {
		if e.Sender == "" {
			e.Sender = t.base.Sender
		}
		if err != nil && i == len(notes)-1 {
			e = e.WithSendError(err)
		}
		t.recorder.record(t.Context, e)
	}
}

// end returns what was noted, the base where that is nothing, and nothing the second time.
func (t *Trail) end() []channels.Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return nil
	}
	t.ended = true
	t.base.Duration = time.Since(t.base.Began)
	if len(t.notes) == 0 {
		t.notes = append(t.notes, t.base)
	}
	if t.dropped > 0 {
		last := &t.notes[len(t.notes)-1]
		last.Text = fmt.Sprintf("%s (and %d more of this request)", last.Text, t.dropped)
	}
	return t.notes
}

var _ context.Context = (*Trail)(nil)
