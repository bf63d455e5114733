package slacktest

import (
	"encoding/json"
	"slices"
	"time"
)

// The kinds of deliveries, as Socket Mode names them.
const (
	kindEvent       = "events_api"
	kindInteractive = "interactive"
	kindCommand     = "slash_commands"
)

// delivery is what the app is told.
type delivery struct {
	id, kind string
	payload  object
	body     []byte // the payload as JSON
	// taken is given the body of the answer, failed what went wrong. Both may be nil. The lock
	// is held.
	taken  func(body []byte)
	failed func(problem string)
	tried  int
}

// Delivery is a try to deliver something.
type Delivery struct {
	// ID is the event_id of an event, Kind "events_api", "interactive" or "slash_commands".
	ID, Kind string
	// Retry numbers redeliveries, Reason says why there is one.
	Retry  int
	Reason string
	// Socket says that it went over a socket.
	Socket bool
	// Problem is why it is not taken, "" when it is.
	Problem string
	// Body is the payload, as JSON.
	Body string
	// At is when it began, Took how long it was.
	At   time.Time
	Took time.Duration
}

// Deliveries returns all tries.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Delivery(nil), s.record.deliveries...)
}

// inbox is what the app has not taken.
type inbox struct {
	url     string // where it is delivered by HTTP
	queues  map[string]*queue
	pending int
	dropped int
	off     bool // Slack has switched the events off
}

// queue are the deliveries of one chat. The first try of each is made in order, one at a time; a
// redelivery waits for none.
type queue struct {
	waiting []*delivery
	busy    bool
}

// queue adds a delivery, which waits its turn in the chat. The payload is encoded here, so that
// what changes later in the chat does not change what is delivered. The lock is held.
func (s *Server) queue(chat string, d *delivery) {
	d.body, _ = json.Marshal(d.payload)
	q := s.inbox.queues[chat]
	if q == nil {
		q = &queue{}
		s.inbox.queues[chat] = q
	}
	q.waiting = append(q.waiting, d)
	s.inbox.pending++
	if !q.busy {
		q.busy = true
		s.start(func() { s.deliverAll(q) })
	}
	s.change()
}

// Pending returns how many deliveries are neither taken nor given up.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inbox.pending
}

// Dropped returns how many deliveries were given up.
func (s *Server) Dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inbox.dropped
}

// reachable reports whether there is somewhere to deliver to.
func (s *Server) reachable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inbox.url != "" || s.sockets.on
}

// Slack switches the events of an app off when more than 95 % of an hour's tries fail, but of
// one that gets less than 1,000 an hour. https://docs.slack.dev/apis/events-api#failure-limits
const (
	offShare = 0.95
	offFrom  = 1000
)

// Off reports whether Slack has switched the events off, which are lost from then on.
// SetRequestURL switches them on again.
func (s *Server) Off() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inbox.off
}

// switchOff switches the events off where too many tries fail. The lock is held.
func (s *Server) switchOff() {
	tries, failed := 0, 0
	for _, d := range slices.Backward(s.record.deliveries) {
		if time.Since(d.At) > time.Hour {
			break
		}
		if d.Kind == kindEvent && !d.Socket {
			tries++
			if d.Problem != "" {
				failed++
			}
		}
	}
	s.inbox.off = s.inbox.off || tries >= offFrom && float64(failed) > offShare*float64(tries)
}

// deliverAll makes the first try of each delivery of a chat.
func (s *Server) deliverAll(q *queue) {
	for {
		s.mu.Lock()
		if len(q.waiting) == 0 || s.ctx.Err() != nil {
			q.busy = false
			s.mu.Unlock()
			return
		}
		d := q.waiting[0]
		q.waiting = q.waiting[1:]
		s.mu.Unlock()
		if s.Wait(s.ctx, s.reachable) != nil {
			return
		}
		problem, final := s.try(d, 0, "")
		if problem == "" || final || d.kind != kindEvent { // the person clicks again, or not
			s.settle(d, problem)
			continue
		}
		s.mu.Lock()
		s.start(func() { s.redeliver(d, problem) })
		s.mu.Unlock()
	}
}

// maxRetries is how often an event is redelivered. https://docs.slack.dev/apis/events-api
const maxRetries = 3

// redeliver tries an event that failed again, by Slack's schedule.
func (s *Server) redeliver(d *delivery, problem string) {
	for n := 1; n <= maxRetries; n++ {
		select {
		case <-time.After(s.options.Pause(n)):
		case <-s.ctx.Done():
			return
		}
		var final bool
		if problem, final = s.try(d, n, problem); problem == "" || final {
			break
		}
	}
	s.settle(d, problem)
}

// slackPause is Slack's own schedule.
func slackPause(n int) time.Duration {
	return []time.Duration{0, time.Minute, 5 * time.Minute}[min(n, maxRetries)-1]
}

// try delivers once, and returns what is wrong, and whether the app wants no other try.
func (s *Server) try(d *delivery, n int, reason string) (problem string, final bool) {
	// Asked anew at each try: an app may change from one to the other meanwhile.
	s.mu.Lock()
	socket := s.sockets.on
	off := s.inbox.off && !socket && d.kind == kindEvent
	d.tried++
	tried := d.tried
	s.mu.Unlock()
	if off {
		return "switched off", true
	}
	at := time.Now()
	var body []byte
	if socket {
		problem, body = s.sendEnvelope(d, n, reason)
	} else {
		problem, body, final = s.post(d, n, reason)
	}
	if s.ctx.Err() != nil { // the server is closed: that is nobody's failure
		return problem, true
	}
	if problem == "" && s.options.Lose != nil && s.options.Lose(d.id, tried) {
		problem = map[bool]string{true: socketTimeout, false: httpTimeout}[socket]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if problem == "" && d.taken != nil {
		d.taken(body)
	}
	s.record.deliveries = append(s.record.deliveries, Delivery{
		ID: d.id, Kind: d.kind, Retry: n, Reason: reason, Socket: socket, Problem: problem, Body: string(d.body), At: at, Took: time.Since(at),
	})
	if problem != "" {
		s.switchOff()
	}
	s.change()
	return problem, final
}

// settle ends a delivery.
func (s *Server) settle(d *delivery, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return
	}
	s.inbox.pending--
	if problem != "" {
		s.inbox.dropped++
		if d.failed != nil {
			d.failed(problem)
		}
	}
	s.change()
}
