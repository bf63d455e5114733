package delivery

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/worker"
)

const (
	// typingEvery is how often it is shown again that an answer is being written. Telegram,
	// for one, shows it for 5 seconds.
	typingEvery = 4 * time.Second
	// typingTimeout bounds a call of Typing.
	typingTimeout = 5 * time.Second
	// typingShare is how many slots a channel has for each call of Typing at once. Those calls
	// hold no slot, so that none that hangs takes one of a part.
	typingShare = 8
)

// typists are the turns whose users are shown that an answer is being written, by the id of
// their first part.
type typists struct {
	mu     sync.Mutex
	cancel map[string]context.CancelFunc
}

// Typing shows whoever wrote m that an answer is being written, until ctx ends, stop is
// called, or the part of that id is sent. It does nothing for a channel that can't show it.
func (d *Deliverer) Typing(ctx context.Context, m channels.Message, firstPart string) (stop func()) {
	if to := d.platforms.find(m.Channel); to == nil || !to.types() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	d.typists.add(firstPart, cancel)
	d.running.Go(func() { d.keepTyping(ctx, &m) })
	return func() { d.typists.end(firstPart) }
}

func (s *typists) add(part string, cancel context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel == nil {
		s.cancel = map[string]context.CancelFunc{}
	}
	if earlier := s.cancel[part]; earlier != nil { // an attempt of the same message
		earlier()
	}
	s.cancel[part] = cancel
}

// end is called when a turn ends, and for each part that is sent.
func (s *typists) end(part string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.cancel[part]; cancel != nil {
		cancel()
		delete(s.cancel, part)
	}
}

// types reports whether the channel can show that an answer is being written.
func (p *platform) types() bool {
	_, types := p.in.Channel.(channels.Typer)
	return types
}

// keepTyping shows it again and again until ctx ends. A platform that asks for a pause gets
// it, and one that refuses is left alone.
func (d *Deliverer) keepTyping(ctx context.Context, m *channels.Message) {
	for {
		pause := typingEvery
		if err := d.showTyping(ctx, m); err != nil && ctx.Err() == nil {
			e := channels.AsSendError(err)
			d.log.Debug("typing not shown", "channel", m.Channel, "class", string(e.Class), "error", e)
			if e.Class == channels.SendRejected || e.Class == channels.SendGone {
				return
			}
			pause = max(pause, min(e.RetryAfter, maxRetryAfter))
		}
		if worker.Sleep(ctx, pause) != nil {
			return
		}
	}
}

// showTyping calls Typing once, if that delays nothing else.
func (d *Deliverer) showTyping(ctx context.Context, m *channels.Message) error {
	to := d.platforms.enterInstance(m.Channel)
	if to == nil {
		return nil
	}
	defer to.in.Leave()
	if !to.types() || d.platforms.isHeld(to) {
		return nil
	}
	select {
	case to.typing <- struct{}{}:
	default:
		return nil
	}
	if !to.pacer.takeSpare(rateKey(to.in, &channels.Part{Channel: m.Channel, Sender: m.Sender, Address: m.Address})) {
		<-to.typing
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, typingTimeout)
	defer cancel()
	returned := make(chan sent, 1)
	to.in.EnterLate()
	go func() {
		defer to.in.Leave()
		_, err := call(func(ctx context.Context) (channels.Receipt, error) {
			return channels.Receipt{}, to.in.Channel.(channels.Typer).Typing(ctx, *m)
		}).protected(bounded)
		<-to.typing
		returned <- sent{err: err}
	}()
	r, ok := await(bounded, returned)
	if !ok {
		return errors.New("the call of Typing has not ended with its context; it keeps its place")
	}
	return r.err
}

// isHeld reports whether something holds the platform back.
func (s *platforms) isHeld(p *platform) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return p.breaker.state != "" || time.Now().Before(p.pausedUntil)
}
