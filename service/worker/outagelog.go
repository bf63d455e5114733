package worker

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	// firstSilence is how long an error line is not repeated, and maxSilence what that
	// grows to while it comes again and again.
	firstSilence = 10 * time.Second
	maxSilence   = 10 * time.Minute
	// maxLines is how many different lines are remembered.
	maxLines = 100
)

// OutageLog returns a log that does not repeat equal error lines: while a journal or a
// platform is away, every row that waits for it would write one. The line is written
// again after growing silences, with the number of those that were left out.
func OutageLog(log *slog.Logger) *slog.Logger {
	return slog.New(&outageHandler{Handler: log.Handler(), seen: &seenLines{lines: map[string]*seenLine{}}})
}

// outageHandler is the handler of an OutageLog.
type outageHandler struct {
	slog.Handler
	prefix string // of the lines' keys: attributes and groups
	seen   *seenLines
}

// seenLines are the error lines that were written, by their text.
type seenLines struct {
	mu    sync.Mutex
	lines map[string]*seenLine
}

type seenLine struct {
	silence time.Duration
	next    time.Time // when the line is written again
	left    int       // out since it was written
}

// Handle writes the line, unless an equal one was written too recently.
func (h *outageHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelError {
		return h.Handler.Handle(ctx, r)
	}
	var key strings.Builder
	key.WriteString(h.prefix + r.Message)
	r.Attrs(func(a slog.Attr) bool {
		key.WriteString(" " + a.String())
		return true
	})
	left, write := h.seen.add(key.String(), r.Time)
	if !write {
		return nil
	}
	if left > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("equal_lines_left_out", left))
	}
	return h.Handler.Handle(ctx, r)
}

// add reports whether a line is to be written, and how many were left out before it.
func (s *seenLines) add(key string, now time.Time) (left int, write bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := s.lines[key]
	switch {
	case line == nil:
		if len(s.lines) >= maxLines {
			clear(s.lines)
		}
		s.lines[key] = &seenLine{silence: firstSilence, next: now.Add(firstSilence)}
		return 0, true
	case now.Before(line.next):
		line.left++
		return 0, false
	case now.Sub(line.next) > line.silence: // it had stopped
		line.silence = firstSilence
	default:
		line.silence = min(2*line.silence, maxSilence)
	}
	left, line.left, line.next = line.left, 0, now.Add(line.silence)
	return left, true
}

// WithAttrs keeps what was seen.
func (h *outageHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	prefix := h.prefix
	for _, a := range attrs {
		prefix += a.String() + " "
	}
	return &outageHandler{h.Handler.WithAttrs(attrs), prefix, h.seen}
}

// WithGroup keeps what was seen.
func (h *outageHandler) WithGroup(name string) slog.Handler {
	return &outageHandler{h.Handler.WithGroup(name), h.prefix + name + ".", h.seen}
}

var _ slog.Handler = (*outageHandler)(nil)
