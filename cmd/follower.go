package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"connectrpc.com/connect"
)

// followPause is the pause before a watch that broke off is begun again.
const followPause = 500 * time.Millisecond

// follower prints what a stream brings, over restarts of the program.
type follower struct {
	// watch prints until the stream ends, beginning behind after. It calls got with the
	// cursor of each response that it has printed.
	watch func(ctx context.Context, after string, got func(cursor string)) error
	// after is the last cursor, empty before the first.
	after  string
	stderr io.Writer
	pause  time.Duration

	// connected says that a watch has connected, reported that its end was reported.
	connected, reported bool
}

// run follows until ctx ends, which is no failure, or until trying again cannot help.
func (f *follower) run(ctx context.Context) error {
	for {
		err := f.watch(ctx, f.after, f.got)
		switch {
		case ctx.Err() != nil:
			return nil
		case !f.connected || !f.mayRetry(err):
			return err
		}
		select {
		case <-time.After(f.pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// got keeps the cursor of a response, so that the next watch goes on behind it.
func (f *follower) got(cursor string) {
	f.connected, f.reported = true, false
	f.after = cursor
}

// printAll prints each message of a stream until that ends.
func printAll[M any](stream *connect.ServerStreamForClient[M], got func(cursor string), cursorOf func(*M) string, print func(*M) error) error {
	defer stream.Close() //nolint:errcheck // Err tells how the stream ended
	for stream.Receive() {
		if err := print(stream.Msg()); err != nil {
			return printError{err}
		}
		got(cursorOf(stream.Msg()))
	}
	return stream.Err()
}

// errStreamEnded is for a stream that ends although it should not.
var errStreamEnded = errors.New("the stream ended")

// printError is an error of the output. It ends the follower.
type printError struct{ error }

// mayRetry reports whether the watch can go on after an error. It prints that once for
// each time the connection is lost.
func (f *follower) mayRetry(err error) bool {
	if errors.As(err, new(printError)) {
		return false
	}
	code := connect.CodeOf(err)
	switch {
	case code == connect.CodeOutOfRange:
		f.after = oldest
		fmt.Fprintln(f.stderr, "manyvox: some events were missed and are not kept any more: going on with the oldest")
		return true
	case connect.IsWireError(err) && code != connect.CodeUnavailable:
		return false
	}
	if !f.reported {
		f.reported = true
		fmt.Fprintf(f.stderr, "manyvox: the program does not answer: trying again after cursor %s\n", f.after)
	}
	return true
}
