package journaltest

import (
	"context"
	"errors"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// ann is the conversation of message("ann", …).
var ann = channels.Conversation{Channel: "web", Sender: "ann"}

// caller is a call of Join.
type caller struct {
	seat journal.Lock
	err  error
	done chan struct{}
}

// join calls Join and returns when the caller waits or is first.
func (d *desk) join(ctx context.Context, most int) *caller {
	c := &caller{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.seat, c.err = d.Acquire(ctx, ann, most)
	}()
	synctest.Wait()
	return c
}

func (d *desk) waits(c *caller) {
	d.Helper()
	synctest.Wait()
	select {
	case <-c.done:
		d.Fatalf("Join returns, error %v; want it to wait", c.err)
	default:
	}
}

// first checks that the caller is first and returns its leave.
func (d *desk) first(c *caller) func() {
	d.Helper()
	d.returned(c, nil)
	return c.seat.Release
}

func (d *desk) returned(c *caller, want error) {
	d.Helper()
	synctest.Wait()
	select {
	case <-c.done:
		d.is("Join", c.err, want)
	default:
		d.Fatal("Join waits, want it to return")
	}
}

var joinTests = map[string]func(*desk){
	"join: callers are first one after the other": func(d *desk) {
		one, two, three := d.join(d.Context(), 9), d.join(d.Context(), 9), d.join(d.Context(), 9)
		leave := d.first(one)
		d.waits(two)
		leave()
		leave = d.first(two)
		d.waits(three)
		leave()
		d.first(three)()
		d.first(d.join(d.Context(), 9))()
	},
	"join: callers and messages share one line": func(d *desk) {
		d.put("ann", "1")
		one := d.join(d.Context(), 9)
		d.put("ann", "2")
		two := d.join(d.Context(), 9)
		d.put("bob", "b")
		turn := d.turns("1", "b")["1"]
		d.waits(one)
		d.end(turn.Claim, journal.OutcomeDone)
		leave := d.first(one)
		d.noNext()
		leave()
		turn = d.next("2")
		d.waits(two)
		d.end(turn.Claim, journal.OutcomeDone)
		d.first(two)()
	},
	"join: a message waits for the caller before it": func(d *desk) {
		leave := d.first(d.join(d.Context(), 9))
		d.put("ann", "1")
		d.noNext()
		leave()
		d.next("1")
	},
	"join: a head that backs off keeps callers waiting": func(d *desk) {
		d.put("ann", "1")
		d.retry(d.next("1").Claim, time.Hour)
		ctx, cancel := context.WithTimeout(d.Context(), time.Minute)
		defer cancel()
		_, err := d.Acquire(ctx, ann, 9)
		d.is("Join", err, context.DeadlineExceeded)
		behind := d.join(d.Context(), 9)
		time.Sleep(time.Hour)
		d.waits(behind)
		d.end(d.next("1").Claim, journal.OutcomeDone)
		d.first(behind)()
	},
	"join: too many that wait are refused": func(d *desk) {
		leave := d.first(d.join(d.Context(), 0))
		d.returned(d.join(d.Context(), 0), journal.ErrQueueFull)
		one, two := d.join(d.Context(), 2), d.join(d.Context(), 2)
		d.returned(d.join(d.Context(), 2), journal.ErrQueueFull)
		leave()
		leave = d.first(one)
		three := d.join(d.Context(), 2)
		d.waits(three)
		leave()
		d.first(two)()
		d.first(three)()
	},
	"join: a caller that gives up is passed over": func(d *desk) {
		ctx, cancel := context.WithCancelCause(d.Context())
		enough := errors.New("enough")
		leave := d.first(d.join(d.Context(), 9))
		two, three := d.join(ctx, 9), d.join(d.Context(), 9)
		cancel(enough)
		d.returned(two, enough)
		d.waits(three)
		leave()
		d.first(three)()
		d.returned(d.join(ctx, 9), enough)
		d.put("ann", "1")
		d.next("1")
	},
}
