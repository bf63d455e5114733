package delivery

import (
	"context"
	"time"
)

// pollPause is how often a call is tried that a circuit breaker or a pause holds back.
const pollPause = time.Second

// run works on a live part until its claim ends: as soon as its turn has completed it, or
// has ended, it is closed and settled. Until then the program may be ending, too: then
// nothing more is called, but the end of the turn is waited for.
func (l *livePart) run(ctx context.Context) {
	for !l.settled {
		now := l.growth.snapshot()
		if now.over {
			l.end(ctx, now)
			return
		}
		if ctx.Err() != nil {
			<-l.growth.grown // the turn ends too
			continue
		}
		wait := l.step(ctx, now)
		if l.settled {
			return
		}
		l.await(ctx, wait)
	}
}

// await waits until something has changed, or for so long. Less than zero is for ever.
func (l *livePart) await(ctx context.Context, wait time.Duration) {
	if wait < 0 {
		wait = time.Hour
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-l.growth.grown:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// step does what is to be done next, one call at most, and returns how long it takes until
// there is more to do when nothing changes.
func (l *livePart) step(ctx context.Context, now snapshot) time.Duration {
	to, leave := l.enter()
	defer leave()
	streamer := to.streamer(&now.part)
	text := now.part.Reply.Text
	wait := l.untilKept(ctx, now)
	switch {
	case l.settled:
		return 0
	case streamer == nil || l.waits || l.message.closed != nil:
		return wait
	case time.Now().Before(l.notBefore):
		return sooner(wait, time.Until(l.notBefore))
	}
	c := liveCall{l, to, streamer}
	tooLong := l.message.receipt != nil && to.limits.Live.For > 0 && time.Since(l.message.opened) >= to.limits.Live.For
	cut, closed := rollOverAt(to.in, now.part, to.limits.Live, tooLong)
	if now.part.Reply.Text = trimmed(text, cut); cut == 0 {
		now.part.Reply.Text = showable(text, to.limits.Live)
	}
	more := len(now.part.Reply.Text) - len(l.message.shown)
	faded := l.message.untilFaded(to.limits.Live)
	switch {
	case l.message.receipt == nil:
		c.open(ctx, now.part)
		return 0
	case cut > 0 && !now.finished:
		c.rollOver(ctx, closed, cut)
		return 0
	case !l.message.closedOnly && cut == 0 && (more > 0 || more == 0 && faded == 0):
		c.append(ctx, now.part)
		return 0
	case faded > 0:
		wait = sooner(wait, faded)
	}
	if !tooLong && to.limits.Live.For > 0 {
		return sooner(wait, time.Until(l.message.opened.Add(to.limits.Live.For)))
	}
	return wait
}

// untilKept commits the text so far when it is time, and returns how long that takes from
// now.
func (l *livePart) untilKept(ctx context.Context, now snapshot) time.Duration {
	if now.part.Reply.Text == l.kept {
		return -1
	}
	left := time.Until(l.keptAt.Add(keepEvery))
	if left > 0 {
		return left
	}
	l.keep(ctx, now.part)
	return -1
}

// sooner returns the shorter of two waits, of which less than zero is for ever.
func sooner(a, b time.Duration) time.Duration {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}
