package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// FollowReport counts what went wrong while events were followed.
type FollowReport struct {
	// Lost events were noted and never read.
	Lost int
	// Disorder counts events whose cursor does not rise, or that come after a later
	// one of the same writer.
	Disorder int
	// Duplicates counts events that were read before.
	Duplicates int
}

// follower reads the events of writers, each of which numbers its own from 1.
type follower struct {
	cursor int64
	left   int
	seen   map[string]map[int]bool
	last   map[string]int
	report FollowReport
}

// Follow lets writers note events at once, each so many, follows them as they come, and
// reports what went wrong. It returns when every event was read or ctx ends.
func Follow(ctx context.Context, j journal.Journal, writers, each int) (FollowReport, error) {
	f := &follower{left: writers * each, seen: map[string]map[int]bool{}, last: map[string]int{}}
	errs := make(chan error, writers)
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() { errs <- write(ctx, j, fmt.Sprint("writer", w), each) })
	}
	err := f.read(ctx, j)
	writing.Wait()
	close(errs)
	for e := range errs {
		err = errors.Join(err, e)
	}
	f.report.Lost = f.left
	return f.report, err
}

// write notes events, one to three in a batch.
func write(ctx context.Context, j journal.Journal, sender string, n int) error {
	var batch []channels.Event
	for i := 1; i <= n; i++ {
		batch = append(batch, happened(channels.EventSent, sender, fmt.Sprint(i)))
		if i < n && len(batch) <= i%3 {
			continue
		}
		if err := j.AppendEvents(ctx, batch...); err != nil {
			return err
		}
		batch = nil
	}
	return nil
}

// read follows the events until none is left or ctx ends.
func (f *follower) read(ctx context.Context, j journal.Journal) error {
	after := int64(0)
	for f.left > 0 {
		changed := j.Changed()
		page, err := j.Events(ctx, journal.EventFilter{}, after, 7)
		if err != nil {
			return fmt.Errorf("events above %d: %w", after, err)
		}
		for i := range page.Events {
			f.note(&page.Events[i])
		}
		after = page.Next
		if page.More || len(page.Events) > 0 {
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

func (f *follower) note(e *channels.Event) {
	var number int
	_, _ = fmt.Sscan(e.MessageID, &number) // 0 is out of order
	if f.seen[e.Sender] == nil {
		f.seen[e.Sender] = map[int]bool{}
	}
	if f.seen[e.Sender][number] {
		f.report.Duplicates++
		return
	}
	if e.Cursor <= f.cursor || number <= f.last[e.Sender] {
		f.report.Disorder++
	}
	f.seen[e.Sender][number] = true
	f.cursor, f.last[e.Sender] = max(f.cursor, e.Cursor), max(f.last[e.Sender], number)
	f.left--
}
