package channels

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// silentStart is how long a stream is silent before its headers are sent without a reply:
// proxies cut a connection that stays silent for a minute.
const silentStart = 10 * time.Second

// Stream is a Replier that writes each reply as one line of JSON and flushes it, as
// Rasa's QueueOutputChannel does for REST's ?stream=true.
type Stream struct {
	w         http.ResponseWriter
	flush     func() error
	label     string
	recipient string

	silence *time.Timer
	writing chan struct{} // who has sent to it may write; guards the rest
	started bool
	line    []byte
}

// NewStream returns a Stream that answers r through w. Nothing is written before
// the first reply, or before ten seconds have passed, so that a turn which fails at once can
// still answer with a status. Finish must be called in the end.
func NewStream(w http.ResponseWriter, r *http.Request) *Stream {
	// Rasa labels its lines text/event-stream, though they are not events.
	label := "text/event-stream"
	if strings.Contains(r.Header.Get("Accept"), "application/x-ndjson") {
		label = "application/x-ndjson"
	}
	s := &Stream{w: w, flush: http.NewResponseController(w).Flush, label: label, writing: make(chan struct{}, 1)}
	s.silence = time.AfterFunc(silentStart, s.startSilent)
	return s
}

// startSilent sends the headers of a stream that has said nothing yet.
func (s *Stream) startSilent() {
	defer s.lock()()
	if !s.started {
		s.start()
		_ = s.flush() // a caller that is gone is noticed by the next line
	}
}

// lock waits until nobody else writes. The result lets the next.
func (s *Stream) lock() (unlock func()) {
	s.writing <- struct{}{}
	return func() { <-s.writing }
}

// Live returns true.
func (s *Stream) Live() bool { return true }

// Reply writes r.
func (s *Stream) Reply(_ context.Context, r Reply) error {
	defer s.lock()()
	for _, c := range Collected(r) {
		line, err := c.AppendJSON(s.line[:0])
		if err != nil {
			return err
		}
		s.recipient = c.RecipientID
		if err := s.write(line); err != nil {
			return err
		}
	}
	return nil
}

// Delta does nothing: a line holds a complete reply.
func (s *Stream) Delta(context.Context, string) error { return nil }

// Finish ends the stream with the outcome of Ask: an error becomes the answer when
// nothing was written yet, and else the last line.
func (s *Stream) Finish(err error) {
	s.silence.Stop()
	defer s.lock()()
	switch {
	case err == nil:
		s.start()
	case !s.started:
		s.started = true
		WriteError(s.w, err)
	default:
		line, _ := Marshal(ErrorBody{RecipientID: s.recipient, Error: errorObject(AsError(err))})
		_ = s.write(line) // a caller that is gone needs no answer
	}
}

func (s *Stream) start() {
	if s.started {
		return
	}
	s.started = true
	h := s.w.Header()
	h.Set("Content-Type", s.label)
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no") // else nginx collects the lines
	s.w.WriteHeader(http.StatusOK)
}

func (s *Stream) write(line []byte) error {
	s.start()
	s.line = append(line, '\n')
	if _, err := s.w.Write(s.line); err != nil {
		return err
	}
	return s.flush()
}

var (
	_ Replier = (*Stream)(nil)
	_ Live    = (*Stream)(nil)
)
