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

// follower watches events, over restarts of the program.
type follower struct {
	client          manyvoxv1connect.ConversationServiceClient
	channel, sender string
	// after is the last cursor it was given, nil before the first.
	after *int64
	rows  *rows
	notes io.Writer
	pause time.Duration

	// stood says that a watch has stood, told that its end was told.
	stood, told bool
}

// run follows until ctx ends, which is no failure, or until trying again cannot help.
func (f *follower) run(ctx context.Context) error {
	for {
		err := f.watch(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case !f.stood || !f.mayReturn(err):
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
	stream, err := f.client.WatchEvents(ctx, &manyvoxv1.WatchEventsRequest{Channel: f.channel, Sender: f.sender, After: f.after})
	if err != nil {
		return err
	}
	defer stream.Close() //nolint:errcheck // Err tells how the stream ended
	for stream.Receive() {
		f.stood, f.told = true, false
		if err := f.show(stream.Msg()); err != nil {
			return printError{err}
		}
		cursor := stream.Msg().GetCursor()
		f.after = &cursor
	}
	if err := stream.Err(); err != nil {
		return err
	}
	return errors.New("the stream ended")
}

func (f *follower) show(m *manyvoxv1.WatchEventsResponse) error {
	if e := m.GetEvent(); e != nil {
		if err := addEvent(f.rows, e); err != nil {
			return err
		}
	}
	return f.rows.flush()
}

// printError says that the output takes no more.
type printError struct{ error }

// mayReturn reports whether the watch can go on after an error, and tells so once.
func (f *follower) mayReturn(err error) bool {
	if errors.As(err, new(printError)) {
		return false
	}
	code := connect.CodeOf(err)
	switch {
	case code == connect.CodeOutOfRange:
		oldest := int64(-1)
		f.after = &oldest
		fmt.Fprintln(f.notes, "manyvox: some events were missed and are not kept any more: going on with the oldest")
		return true
	case connect.IsWireError(err) && code != connect.CodeUnavailable:
		return false
	}
	if !f.told {
		f.told = true
		fmt.Fprintf(f.notes, "manyvox: the program does not answer: trying again after cursor %d\n", *f.after)
	}
	return true
}
