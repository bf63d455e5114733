package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// FollowReport counts what went wrong while a subscriber read events.
type FollowReport struct {
	// Lost events were appended and never read.
	Lost int
	// Disorder counts events whose cursor does not rise, or that come after a later
	// one of the same writer.
	Disorder int
	// Duplicates counts events that were read before.
	Duplicates int
}

// subscriber reads the events of writers, each of which numbers its own from 1, and counts
// what goes wrong.
type subscriber struct {
	cursor int64
	left   int
	seen   map[string]map[int]bool
	last   map[string]int
	report FollowReport
}

// Follow lets writers append events at the same time, each so many, while one subscriber
// reads them as they come, and reports what went wrong. It returns when every event was
// read or ctx ends.
func Follow(ctx context.Context, j journal.Journal, writers, each int) (FollowReport, error) {
	s := &subscriber{left: writers * each, seen: map[string]map[int]bool{}, last: map[string]int{}}
	errs := make(chan error, writers)
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() { errs <- appendNumbered(ctx, j, fmt.Sprint("writer", w), each) })
	}
	err := s.read(ctx, j)
	writing.Wait()
	close(errs)
	for e := range errs {
		err = errors.Join(err, e)
	}
	s.report.Lost = s.left
	return s.report, err
}

// appendNumbered appends the events 1 to n, one to three in a batch.
func appendNumbered(ctx context.Context, j journal.Journal, sender string, n int) error {
	var batch []channels.Event
	for i := 1; i <= n; i++ {
		batch = append(batch, newEvent(channels.EventSent, sender, fmt.Sprint(i)))
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

// read reads events until none is left or ctx ends.
func (s *subscriber) read(ctx context.Context, j journal.Journal) error {
	after := int64(0)
	for s.left > 0 {
		changed := j.Changed()
		page, err := j.Events(ctx, journal.EventFilter{}, after, 7)
		if err != nil {
			return fmt.Errorf("events above %d: %w", after, err)
		}
		for i := range page.Events {
			s.record(&page.Events[i])
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

// record compares an event with those that were read before it.
func (s *subscriber) record(e *channels.Event) {
	var number int
	_, _ = fmt.Sscan(e.MessageID, &number) // 0 is out of order
	if s.seen[e.Sender] == nil {
		s.seen[e.Sender] = map[int]bool{}
	}
	if s.seen[e.Sender][number] {
		s.report.Duplicates++
		return
	}
	if e.Cursor <= s.cursor || number <= s.last[e.Sender] {
		s.report.Disorder++
	}
	s.seen[e.Sender][number] = true
	s.cursor, s.last[e.Sender] = max(s.cursor, e.Cursor), max(s.last[e.Sender], number)
	s.left--
}
