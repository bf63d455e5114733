package journaltest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// liveSize is the size of the load of live parts that each store passes.
var liveSize = Size{Conversations: 50, Messages: 4, Agents: 20, Posters: 8}

// runLiveLoad runs LoadLive and checks that nothing went wrong and nothing is left.
func runLiveLoad(h *harness) {
	ctx, cancel := context.WithTimeout(h.Context(), time.Hour)
	defer cancel()
	report, err := LoadLive(ctx, liveSize, h.Journal)
	h.wantErr("LoadLive", err, nil)
	h.equal("report", report, LiveReport{})
	h.wantDepth(journal.Depth{})
}

// LoadLive runs turns whose answers grow, in several processes that share a store, and sends
// them from all of them. It reports what went wrong. It returns when every part is complete or
// ctx ends.
func LoadLive(ctx context.Context, s Size, processes ...journal.Journal) (LiveReport, error) {
	s = s.orDefault()
	working, stop := context.WithCancel(ctx)
	defer stop()
	l := liveLoad{platform: newLivePlatform(s)}
	errs := make(chan error, 2*s.Agents+s.Posters)
	var running sync.WaitGroup
	for i := range max(s.Agents, s.Posters) {
		process := i % len(processes)
		j := processes[process]
		j.OpenOutbox(Slots("web"))
		if i < s.Agents {
			running.Go(func() { errs <- l.answer(working, j, process) })
			running.Go(func() { errs <- l.send(working, j, process) })
		}
		if i < s.Posters {
			running.Go(func() { errs <- post(working, j, s, i) })
		}
	}
	select {
	case <-l.platform.complete:
	case <-ctx.Done():
	}
	stop()
	running.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return LiveReport{}, err
		}
	}
	return l.platform.result(), nil
}

// liveLoad is what the processes of a load share.
type liveLoad struct {
	platform *livePlatform
}

// answers returns the two parts that answer a message: one grows, the other follows it.
func answers(m channels.Message) (live, further channels.Part) {
	live, further = part(m.Sender, m.Sender+"/"+m.ID), part(m.Sender, m.Sender+"/"+m.ID+"+")
	live.Reply.Text += " begins"
	return live, further
}

// wholeOf returns the place of an answer in its conversation, and the text that it ends with.
func wholeOf(p channels.Part) (place int, text string) {
	name, isFurther := strings.CutSuffix(p.ID, "+")
	number, _ := strconv.Atoi(name[strings.LastIndex(name, "/")+1:]) // 0 is out of order
	if place = 2 * (number - 1); isFurther {
		return place + 1, p.ID
	}
	return place, p.ID + " ends"
}

// answer runs turns until ctx ends.
func (l *liveLoad) answer(ctx context.Context, j journal.Journal, process int) error {
	for i := 0; ; i++ {
		turn, err := j.Next(ctx)
		if err != nil {
			return unlessEnded(ctx, err)
		}
		if turn.Shown > 0 {
			return fmt.Errorf("the turn of %s/%s was lost", turn.Message.Sender, turn.Message.ID)
		}
		live, further := answers(turn.Message)
		l.platform.begin(process, live)
		free := context.WithoutCancel(ctx) // a turn is committed although ctx has ended
		if err := j.Settle(free, turn.Claim, journal.Step{Begin: &live}); err != nil {
			return err
		}
		time.Sleep(time.Duration(i*7919%20) * time.Millisecond)
		_, live.Reply.Text = wholeOf(live)
		if err := j.Settle(free, turn.Claim, journal.Step{
			Complete: &journal.Completion{ID: live.ID, Parts: []channels.Part{live, further}},
			End:      &journal.End{Outcome: journal.OutcomeDone},
		}); err != nil {
			return err
		}
	}
}

// send sends parts until ctx ends. One that grows is put back for a moment each time.
func (l *liveLoad) send(ctx context.Context, j journal.Journal, process int) error {
	for {
		d, err := j.NextPart(ctx)
		if err != nil {
			return unlessEnded(ctx, err)
		}
		free := context.WithoutCancel(ctx) // what was sent is settled although ctx has ended
		place, whole := wholeOf(d.Part)
		outcome := journal.PartOutcome{Sent: true}
		if d.Live != nil && d.Live.Growing {
			outcome = journal.PartOutcome{Retry: time.Now().Add(moment)}
			kept := journal.LiveProgress{Part: d.Part, Receipt: l.platform.grow(process, &d, place)}
			if err := j.KeepLive(free, d.Claim, kept); err != nil {
				return err
			}
		} else {
			l.platform.end(&d, place, whole)
		}
		if err := j.SettlePart(free, d.Claim, outcome); err != nil {
			return err
		}
	}
}

// unlessEnded returns the error of a call, nil when ctx has ended.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
