package agents

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/manyvox/manyvox/channels"
)

// LineReader reads an answer line by line. It reads no more than MaxBody.
type LineReader struct {
	b    *bufio.Reader
	read int
	n    int
}

// NewLineReader returns a LineReader of an answer.
func NewLineReader(r io.Reader) *LineReader { return &LineReader{b: bufio.NewReader(r)} }

// Reset begins another answer, which follows the one before it.
func (l *LineReader) Reset() { l.read, l.n = 0, 0 }

// Line is the number of the line that Next has returned, from 1.
func (l *LineReader) Line() int { return l.n }

// Buffered is how many bytes are read that Next has not returned.
func (l *LineReader) Buffered() int { return l.b.Buffered() }

// Next returns the next line without the white space around it. At the end it returns io.EOF,
// and before it what follows the last line's end, if there is any. The error of an answer
// that is too long is channels.ErrAnswerTooLarge. Any other is the reader's, and half a line
// that came before it is dropped.
func (l *LineReader) Next() ([]byte, error) {
	var line []byte
	for {
		piece, err := l.b.ReadSlice('\n')
		line = append(line, piece...)
		if l.read += len(piece); l.read > MaxBody {
			return nil, channels.ErrAnswerTooLarge
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && len(line) > 0: // an EOF inside another error is a broken connection
		case err != nil:
			return nil, err
		}
		l.n++
		return bytes.Trim(line, " \t\r\n"), nil
	}
}
