package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"connectrpc.com/connect"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// followPause is the pause before a watch that broke off is begun again.
const followPause = 500 * time.Millisecond

// follower prints events as they happen, over restarts of the program.
type follower struct {
	client manyvoxv1connect.ConversationServiceClient
	filter eventFilter
	// after is the cursor of the last event, empty before the first.
	after   string
	printer *printer
	stderr  io.Writer
	pause   time.Duration

	// connected says that a watch has connected, reported that its end was reported.
	connected, reported bool
}

// run follows until ctx ends, which is no failure, or until trying again cannot help.
func (f *follower) run(ctx context.Context) error {
	for {
		err := f.watch(ctx)
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

// watch prints events until the stream ends.
func (f *follower) watch(ctx context.Context) error {
	channel, sender := f.filter.request()
	stream, err := f.client.WatchEvents(ctx, &manyvoxv1.WatchEventsRequest{Channel: channel, Sender: sender, After: f.after})
	if err != nil {
		return err
	}
	defer stream.Close() //nolint:errcheck // Err tells how the stream ended
	for stream.Receive() {
		f.connected, f.reported = true, false
		if err := f.print(stream.Msg()); err != nil {
			return printError{err}
		}
		f.after = stream.Msg().GetCursor()
	}
	if err := stream.Err(); err != nil {
		return err
	}
	return errors.New("the stream ended")
}

func (f *follower) print(m *manyvoxv1.WatchEventsResponse) error {
	if e := m.GetEvent(); e != nil && f.filter.takes(e) {
		if err := printEvent(f.printer, e); err != nil {
			return err
		}
	}
	return f.printer.flush()
}

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
