package service

import (
	"slices"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// lanes says which channels' rows the journal gives out: those in use, less those
// that are held back, whose parts wait.
type lanes struct {
	journal journal.Journal

	mu     sync.Mutex
	use    []string
	held   map[string]*lane
	closed bool
}

// lane is that of a channel that was held back once.
type lane struct {
	// until is when the last pause ends, timer nil once it has.
	until time.Time
	timer *time.Timer
	// doubted says that the channel's credentials were refused, so that one part
	// alone is sent to see whether they still are; probing that it is on its way.
	doubted, probing bool
}

func (ln *lane) isShut() bool { return ln != nil && (ln.timer != nil || ln.probing) }

func newLanes(j journal.Journal, instances []*Instance) *lanes {
	l := &lanes{journal: j, held: map[string]*lane{}}
	for _, in := range instances {
		if _, ok := in.Channel.(channels.Sender); ok {
			l.use = append(l.use, in.Name)
		}
	}
	return l
}

// open starts the lanes. Rows of a channel that is not in use wait until it returns.
func (l *lanes) open() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.journal.OpenInbox(l.use...)
	l.tell()
}

// park holds a channel's parts back for a while. Of several pauses the one that ends
// last holds.
func (l *lanes) park(name string, pause time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pause(l.lane(name), name, pause)
}

// doubt parks a channel whose credentials were refused. After the pause one part is
// sent, and the others only once the credentials are accepted.
func (l *lanes) doubt(name string, pause time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.lane(name)
	ln.doubted, ln.probing = true, false
	l.pause(ln, name, pause)
}

// trust lets the parts of a channel leave again that was doubted.
func (l *lanes) trust(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.lane(name)
	ln.doubted, ln.probing = false, false
	l.tell()
}

// enter reports whether a part of the channel may be sent now: it may have been given
// out just before the channel was held back. Trust or doubt must follow a probe.
func (l *lanes) enter(name string) (probe, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.held[name]
	if ln.isShut() {
		return false, false
	}
	if ln == nil || !ln.doubted {
		return false, true
	}
	ln.probing = true
	l.tell()
	return true, true
}

func (l *lanes) lane(name string) *lane {
	if l.held[name] == nil {
		l.held[name] = &lane{}
	}
	return l.held[name]
}

func (l *lanes) pause(ln *lane, name string, pause time.Duration) {
	until := time.Now().Add(pause)
	if l.closed || !ln.until.Before(until) {
		return
	}
	if ln.timer != nil {
		ln.timer.Stop()
	}
	ln.until, ln.timer = until, time.AfterFunc(pause, func() { l.unpark(name) })
	l.tell()
}

// unpark ends a pause that is over. A timer that was replaced too late to be stopped
// finds that it is not.
func (l *lanes) unpark(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.held[name]
	if time.Now().Before(ln.until) {
		return
	}
	ln.timer = nil
	l.tell()
}

// close ends the timers.
func (l *lanes) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, ln := range l.held {
		if ln.timer != nil {
			ln.timer.Stop()
		}
	}
}

// tell tells the journal, unless it may belong to a later service already.
func (l *lanes) tell() {
	if l.closed {
		return
	}
	l.journal.OpenOutbox(slices.DeleteFunc(slices.Clone(l.use), func(name string) bool { return l.held[name].isShut() })...)
}
