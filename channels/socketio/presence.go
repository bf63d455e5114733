package socketio

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	// reportTimeout bounds one call of the service.
	reportTimeout = 10 * time.Second
	// retryPause is the pause before a call that failed is repeated.
	retryPause = time.Second
)

// presence reports to the service who is connected: Wake when a socket of a sender joins
// or polls again, Gone when the last one has left. It makes one call at a time for each
// sender, and each call reports what the hub holds at that moment. So the last call
// reports the state that lasts, however fast sockets come and go.
type presence struct {
	hub *hub
	log *slog.Logger
	// work counts the goroutines that report.
	work *sync.WaitGroup
	// closing ends the pauses.
	closing chan struct{}

	mu sync.Mutex
	// reporting holds the senders for whom a goroutine reports. The value says whether
	// their sockets have changed since its last call began.
	reporting map[string]bool
}

func newPresence(h *hub, work *sync.WaitGroup, log *slog.Logger) *presence {
	return &presence{hub: h, log: log, work: work, closing: make(chan struct{}), reporting: map[string]bool{}}
}

// changed has the state of a sender reported. A socket calls it when the sender's sockets
// have changed. It returns at once.
func (p *presence) changed(in channels.Inbox, sender string) {
	w, ok := in.(channels.Waker)
	if !ok || sender == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, running := p.reporting[sender]
	p.reporting[sender] = running
	if !running {
		p.work.Go(func() { p.report(w, sender) })
	}
}

// report calls the service until it knows the state of the sender, or the channel closes.
func (p *presence) report(w channels.Waker, sender string) {
	err := p.reportOnce(w, sender)
	if err != nil {
		p.log.Warn("the service does not know who is connected: trying again", "error", err)
	}
	for p.mustRepeat(sender, err) {
		err = p.reportOnce(w, sender)
	}
}

// reportOnce reports whether the sender has a socket now.
func (p *presence) reportOnce(w channels.Waker, sender string) error {
	ctx, cancel := context.WithTimeout(context.Background(), reportTimeout)
	defer cancel()
	if len(p.hub.socketsOf(sender)) > 0 {
		return w.Wake(ctx, sender)
	}
	return w.Gone(ctx, sender)
}

// mustRepeat reports whether another call is needed: because the sender's sockets have
// changed, or because the last call failed with err. It pauses before it repeats a failure.
func (p *presence) mustRepeat(sender string, err error) bool {
	closing := false
	if err != nil {
		select {
		case <-time.After(retryPause):
		case <-p.closing:
			closing = true
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reporting[sender] || err != nil && !closing {
		p.reporting[sender] = false
		return true
	}
	delete(p.reporting, sender)
	return false
}
