package channellog

import (
	"context"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
)

// Recorder adds to the log of a channel what may be shown. Its methods may be called
// concurrently.
type Recorder struct {
	*Log
	secrets *Redactor
	logText bool
	log     *slog.Logger
}

// NewRecorder returns a recorder that adds to l. LogText keeps the texts of messages. Each
// exchange is a line of the program's log too, at DEBUG.
func NewRecorder(l *Log, secrets *Redactor, logText bool, log *slog.Logger) *Recorder {
	return &Recorder{Log: l, secrets: secrets, logText: logText, log: log}
}

// Redact returns a text without the secrets of the channel's block.
func (r *Recorder) Redact(text string) string { return r.secrets.Redact(text) }

// Record adds an exchange, or says what was made of the request under way whose context it
// is given.
func (r *Recorder) Record(ctx context.Context, e channels.Exchange) {
	if !r.Note(ctx, e) {
		r.record(ctx, e)
	}
}

// Note says what was made of the request under way whose context it is given. It returns
// false where there is none.
func (r *Recorder) Note(ctx context.Context, e channels.Exchange) bool {
	t := trailOf(ctx)
	return t != nil && t.note(r, &e)
}

// Receive returns the context for a message whose caller waits: that of the request under
// way, or one of its own for a message that comes by no request, such as on a socket.
// Its Conclude must be called.
func (r *Recorder) Receive(ctx context.Context) (context.Context, Pending) {
	t := trailOf(ctx)
	if n, ok := t.noted(r, channels.DirectionIn); ok {
		return ctx, Pending{trail: t, noted: n}
	}
	t = r.Begin(ctx, channels.Exchange{})
	return t, Pending{trail: t, alone: true}
}

// Pending is a message whose caller waits.
type Pending struct {
	trail *Trail
	// noted is how much was noted before it.
	noted int
	// alone says that it came by no request.
	alone bool
}

// Conclude says what was made of the message, unless that was noted meanwhile.
func (p Pending) Conclude(e channels.Exchange) {
	p.trail.conclude(p.noted, &e)
	if p.alone {
		p.trail.EndRequest(0, 0)
	}
}

// record adds an exchange.
func (r *Recorder) record(ctx context.Context, e channels.Exchange) {
	if e.Began.IsZero() {
		e.Began = time.Now()
	}
	if e.Duration == 0 {
		e.Duration = time.Since(e.Began)
	}
	if e.Direction != channels.DirectionOut {
		e.Direction = channels.DirectionIn
	}
	e = e.Judge()
	e.Route = cut(r.secrets.redactRoute(&e), maxRoute)
	e.Code = cut(r.secrets.Redact(e.Code), maxCode)
	e.Text = cut(r.secrets.Redact(e.Text), maxText)
	e.Sender = strings.Clone(cut(r.secrets.Redact(e.Sender), maxSender)) // it may be a piece of a large body
	if r.logText {
		e.Message = strings.Clone(cut(r.secrets.Redact(e.Message), maxMessage))
	} else {
		e.Message = ""
	}
	r.add(&e)
	if r.log.Enabled(ctx, slog.LevelDebug) {
		r.debug(ctx, &e)
	}
}

// debug logs an exchange, without the message.
func (r *Recorder) debug(ctx context.Context, e *channels.Exchange) {
	r.log.LogAttrs(ctx, slog.LevelDebug, "exchange", slog.String("direction", e.Direction.String()),
		slog.String("route", e.Route), slog.Int("status", e.Status), slog.Int64("ms", e.Duration.Milliseconds()),
		slog.String("verdict", e.Verdict.String()), slog.String("code", e.Code), slog.String("text", e.Text))
}

// cut cuts a text at a size in bytes.
func cut(s string, size int) string {
	if len(s) <= size {
		return s
	}
	const mark = "…"
	end := size - len(mark)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + mark
}
