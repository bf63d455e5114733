package openai

import (
	"bufio"
	"bytes"
	"io"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// eventReader reads the data of a stream of events:
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
type eventReader struct {
	r *bufio.Reader
	// limit is how long a line, and the data of an event, may be.
	limit int
	// hold is called when an event is longer than agents.SmallAnswer, with its length so far.
	hold func(size int) error
	line []byte
	data []byte
	// begun says that the first line was read, which a byte order mark may begin.
	begun bool
	// afterCR says that the last line ended with a carriage return: a line feed that
	// follows belongs to it.
	afterCR bool
}

func newEventReader(r io.Reader, limit int, hold func(size int) error) *eventReader {
	return &eventReader{r: bufio.NewReader(r), limit: limit, hold: hold}
}

// next returns the data of the next event that has any, good until the next call. Names, ids
// and comments are passed over. At the end it returns io.EOF: an event that no blank line ends
// is dropped, since it may be half of one.
func (e *eventReader) next() ([]byte, error) {
	found := false
	e.data = e.data[:0]
	for {
		line, err := e.nextLine()
		switch {
		case err != nil:
			return nil, err
		case len(line) == 0 && found:
			return e.data, nil
		}
		name, value, _ := bytes.Cut(line, []byte{':'})
		if string(name) != "data" {
			continue
		}
		if found {
			e.data = append(e.data, '\n')
		}
		found = true
		e.data = append(e.data, bytes.TrimPrefix(value, []byte{' '})...)
		if err := e.grown(len(e.data)); err != nil {
			return nil, err
		}
	}
}

// nextLine returns a line without its end: CR LF, LF or CR.
func (e *eventReader) nextLine() ([]byte, error) {
	e.line = e.line[:0]
	for {
		if _, err := e.r.Peek(1); err != nil {
			return nil, err
		}
		buffered, _ := e.r.Peek(e.r.Buffered())
		if e.afterCR && buffered[0] == '\n' {
			buffered = buffered[1:]
			_, _ = e.r.Discard(1)
		}
		e.afterCR = false
		end := bytes.IndexAny(buffered, "\r\n")
		if end < 0 {
			e.line = append(e.line, buffered...)
			_, _ = e.r.Discard(len(buffered))
			if err := e.grown(len(e.line)); err != nil {
				return nil, err
			}
			continue
		}
		e.line = append(e.line, buffered[:end]...)
		e.afterCR = buffered[end] == '\r'
		_, _ = e.r.Discard(end + 1)
		return e.withoutMark(), e.grown(len(e.line))
	}
}

// withoutMark returns the line, without a byte order mark when it is the first.
func (e *eventReader) withoutMark() []byte {
	if e.begun {
		return e.line
	}
	e.begun = true
	return bytes.TrimPrefix(e.line, []byte("\ufeff"))
}

// grown bounds what is held.
func (e *eventReader) grown(size int) error {
	switch {
	case size > e.limit:
		return channels.ErrAnswerTooLarge
	case size > agents.SmallAnswer:
		return e.hold(size)
	}
	return nil
}
