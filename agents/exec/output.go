package exec

import (
	"errors"
	"io"
	"os"
	"time"
)

// leftover is how long an output stays open that a program has left to another, which is in a
// group of its own.
const leftover = time.Second

// output reads what a program writes. It ends with the program, even when another still has
// the pipe open; what is in the pipe by then is read first.
type output struct {
	file   *os.File
	exited <-chan struct{}
}

// Read fails with io.EOF at the end.
func (o *output) Read(p []byte) (int, error) {
	for {
		over := false
		select {
		case <-o.exited:
			over = true
			if err := o.file.SetReadDeadline(time.Now().Add(leftover)); err != nil {
				return 0, err
			}
		default:
		}
		n, err := o.file.Read(p)
		switch {
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return n, err
		case over:
			return 0, io.EOF
		}
		<-o.exited // it ended while we waited
	}
}

var _ io.Reader = (*output)(nil)
