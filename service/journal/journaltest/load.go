package journaltest

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Size is the size of a load.
type Size struct {
	Conversations int
	// Messages is how many each conversation has.
	Messages int
	// Agents is how many turns run at once.
	Agents int
	// Posters is how many callers store messages at once.
	Posters int
}

// orDefault returns the size with its zero fields replaced by the defaults.
func (s Size) orDefault() Size {
	conversations := 10_000
	if testing.Short() {
		conversations = 1_000
	}
	return Size{
		Conversations: cmp.Or(s.Conversations, conversations), Messages: cmp.Or(s.Messages, 5),
		Agents: cmp.Or(s.Agents, 1_000), Posters: cmp.Or(s.Posters, 64),
	}
}

// runLoad runs Load and checks that nothing went wrong and nothing is left.
func runLoad(h *harness, s Size) {
	ctx, cancel := context.WithTimeout(h.Context(), time.Hour)
	defer cancel()
	report, err := Load(ctx, h.Journal, s)
	h.wantErr("Load", err, nil)
	h.equal("report", report, Report{})
	h.wantDepth(journal.Depth{})
}

// Load stores messages in bursts, runs their turns, each of which takes 1 to 50 ms,
// and reports what went wrong. It returns when every message has had its turn or ctx
// ends; in a bubble of testing/synctest the turns take no time.
func Load(ctx context.Context, j journal.Journal, s Size) (Report, error) {
	s = s.orDefault()
	agents, stop := context.WithCancel(ctx)
	defer stop()
	v := newVerifier(s)
	errs := make(chan error, s.Agents+s.Posters)
	var running sync.WaitGroup
	for i := range s.Agents {
		running.Go(func() { errs <- answer(agents, j, v, i) })
	}
	for i := range s.Posters {
		running.Go(func() { errs <- post(ctx, j, s, i) })
	}
	select {
	case <-v.complete:
	case <-ctx.Done():
	}
	stop()
	running.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return Report{}, err
		}
	}
	return v.result(), nil
}

// post is one poster: it stores the messages of its share of the conversations, of each
// first a burst in one batch, then the others one by one.
func post(ctx context.Context, j journal.Journal, s Size, poster int) error {
	for c := poster; c < s.Conversations; c += s.Posters {
		burst := c % (s.Messages + 1)
		var batch []channels.Message
		for m := range s.Messages {
			batch = append(batch, message(fmt.Sprint("sender", c), strconv.Itoa(m+1)))
			if m+1 < burst {
				continue
			}
			if _, err := j.Enqueue(ctx, entries(batch...)...); err != nil {
				return err
			}
			batch = nil
		}
	}
	return nil
}

// answer is one agent: it runs turns until ctx ends.
func answer(ctx context.Context, j journal.Journal, v *verifier, agent int) error {
	for i := agent; ; i++ {
		turn, err := j.Next(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		v.begin(turn.Message)
		time.Sleep(time.Duration(1+i*7919%50) * time.Millisecond)
		v.end(turn.Message)
		// The end of a turn is committed although ctx has ended.
		done := journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}}
		if err := j.Settle(context.WithoutCancel(ctx), turn.Claim, done); err != nil {
			return err
		}
	}
}
