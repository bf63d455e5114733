package socketio

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	// tellTimeout bounds one word to the service.
	tellTimeout = 10 * time.Second
	// tellPause follows one that the service could not take.
	tellPause = time.Second
)

// presence tells the service who is there: Wake when a socket of a sender comes, or
// polls again, and Gone when the last one has left. Of each sender it says one thing at
// a time, and goes by the hub, so that the last word is how things are.
type presence struct {
	hub *hub
	log *slog.Logger
	// work counts who tells.
	work *sync.WaitGroup
	// closing ends the pauses.
	closing chan struct{}

	mu sync.Mutex
	// news says of the senders of whom something is being told whether anything has
	// happened since.
	news map[string]bool
}

func newPresence(h *hub, work *sync.WaitGroup, log *slog.Logger) *presence {
	return &presence{hub: h, log: log, work: work, closing: make(chan struct{}), news: map[string]bool{}}
}

// tell says that something has happened to a sender's sockets, and returns at once.
func (p *presence) tell(in channels.Inbox, sender string) {
	w, ok := in.(channels.Waker)
	if !ok || sender == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, telling := p.news[sender]
	p.news[sender] = telling
	if !telling {
		p.work.Go(func() { p.talk(w, sender) })
	}
}

// talk goes on until the service knows how things are, or the channel closes.
func (p *presence) talk(w channels.Waker, sender string) {
	err := p.say(w, sender)
	if err != nil {
		p.log.Warn("the service is not told who is there, and is told again", "error", err)
	}
	for p.more(sender, err) {
		err = p.say(w, sender)
	}
}

func (p *presence) say(w channels.Waker, sender string) error {
	ctx, cancel := context.WithTimeout(context.Background(), tellTimeout)
	defer cancel()
	if len(p.hub.at(sender)) > 0 {
		return w.Wake(ctx, sender)
	}
	return w.Gone(ctx, sender)
}

// more reports whether something is to be said again, after a pause when that failed.
func (p *presence) more(sender string, err error) bool {
	closing := false
	if err != nil {
		select {
		case <-time.After(tellPause):
		case <-p.closing:
			closing = true
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.news[sender] || err != nil && !closing {
		p.news[sender] = false
		return true
	}
	delete(p.news, sender)
	return false
}
