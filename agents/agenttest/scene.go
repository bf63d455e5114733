package agenttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// canary is put into every secret and must come out nowhere. It is also hexadecimal and
// Base64, for secrets that are checked for that.
const canary = "c0ffee5ec2e7c0ffee5ec2e7"

// scene is what a check of an agent with a peer is made in.
type scene struct {
	t    *testing.T
	peer Peer
	// patience bounds each wait. Only an agent that fails makes a check wait so long.
	patience time.Duration
	log      *buffer
}

func newScene(t *testing.T, p Peer, patience time.Duration) scene {
	return scene{t, p, patience, &buffer{}}
}

// turn has an agent answer a turn, in which its peer does what answer says. Of a turn that does
// not end rec holds nothing.
func (s scene) turn(ctx context.Context, t agents.Turn, rec *Recorder, answer func(Exchange)) error {
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a := s.peer.Open(s.t, Stage{Log: log, Secret: canary, Answer: answer})
	own := *rec // an agent that does not end may go on with it
	err := answerWithin(ctx, s.patience, a, t, &own)
	if !errors.Is(err, errTimeout) {
		*rec = own
	}
	return err
}

// hello is turn with a turn that is shown live.
func (s scene) hello(rec *Recorder, answer func(Exchange)) error {
	rec.Shows = true
	return s.turn(context.Background(), hello("ann", true), rec, answer)
}

// await waits for a signal, while the agent is there.
func (s scene) await(x Exchange, signal <-chan struct{}) bool {
	select {
	case <-signal:
		return true
	case <-x.Context().Done():
	case <-time.After(s.patience):
	}
	return false
}

// left waits until the agent has given a turn up.
func (s scene) left(x Exchange) bool {
	select {
	case <-x.Context().Done():
		return true
	case <-time.After(s.patience):
		return false
	}
}

// received waits for what a peer reports. A peer that was not asked, or does not end, reports
// nothing.
func received[T any](s scene, from <-chan T) (v T, ok bool) {
	select {
	case v = <-from:
		return v, true
	case <-time.After(2 * s.patience): // the peer may wait too
		return v, false
	}
}

// isReached checks the error of a turn that the peer may have acted on.
func isReached(err error) error {
	switch {
	case err == nil:
		return errors.New("no error where one is expected")
	case agents.IsNotReached(err):
		return fmt.Errorf("error %w, which agents.NotReached marks, though the assistant was reached", err)
	case channels.AsError(err).Code == channels.CodeInternal:
		return fmt.Errorf("error %w, which is no *channels.Error", err)
	}
	return nil
}

// statusName names a status in an error.
func statusName(status int) string { return fmt.Sprintf("%d %s", status, http.StatusText(status)) }

// buffer is a bytes.Buffer that a log may write to from several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends p.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String returns all that was written.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
