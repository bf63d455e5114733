package rpc

import (
	"context"
	"strconv"
	"time"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/channellog"
	"github.com/manyvox/manyvox/service/instance"
)

// logPause is the time from an exchange to the look at a log that is followed: what happens
// many times meanwhile is told once, with its count.
const logPause = 100 * time.Millisecond

// ChannelLogs is the call that streams the log of a channel.
type ChannelLogs struct {
	Channels *instance.Registry
	// Draining is closed when the program is ending, which ends every watch.
	Draining <-chan struct{}
}

// WatchChannelLog streams what came in and what went out.
func (c ChannelLogs) WatchChannelLog(
	ctx context.Context, req *manyvoxv1.WatchChannelLogRequest, stream *connect.ServerStream[manyvoxv1.WatchChannelLogResponse],
) error {
	if req.GetChannel() == "" {
		return channels.InvalidField("channel", "required")
	}
	in, err := c.Channels.Find(req.GetChannel())
	if err != nil {
		return err
	}
	w := &logWatch{ChannelLogs: c, name: in.Name, log: in.Exchanges.Log, follow: req.GetFollow(), stream: stream.Send}
	if req.GetAfter() != "" {
		if w.after, err = strconv.ParseInt(req.GetAfter(), cursorBase, 64); err != nil || w.after < 0 {
			return channels.InvalidField("after", "not one that was given")
		}
	}
	return w.run(ctx)
}

// logWatch is one call of WatchChannelLog.
type logWatch struct {
	ChannelLogs
	name   string
	log    *channellog.Log
	follow bool
	// after is the cursor up to which the client has been sent everything, newest the number
	// of the last exchange that there was then, 0 before the first look.
	after, newest int64
	stream        func(*manyvoxv1.WatchChannelLogResponse) error
}

// run sends what is there, waits until there may be more, and so on.
func (w *logWatch) run(ctx context.Context) error {
	if !w.follow {
		return w.sendAll()
	}
	if err := w.live(); err != nil { // a client that hears nothing cannot tell that it is connected
		return err
	}
	for {
		changed := w.log.Changed() // asked for first: what comes meanwhile closes it
		if err := w.sendAll(); err != nil {
			return err
		}
		if err := w.wait(ctx, changed); err != nil {
			return err
		}
	}
}

// sendAll sends what is behind the cursor.
func (w *logWatch) sendAll() error {
	entries, newest := w.log.Since(w.after)
	missed := int64(0)
	if w.newest > 0 {
		missed = newest - w.newest
		for i := range entries {
			if entries[i].ID > w.newest {
				missed--
			}
		}
	}
	w.newest = newest
	for i := range entries {
		n := &entries[i]
		res := &manyvoxv1.WatchChannelLogResponse{Exchange: exchangeOf(n), Cursor: logCursor(n.Cursor), Missed: missed}
		if err := w.stream(res); err != nil {
			return err
		}
		w.after, missed = n.Cursor, 0
	}
	return nil
}

// wait returns why the watch ends, nil once there may be more.
func (w *logWatch) wait(ctx context.Context, changed <-chan struct{}) error {
	if err := w.sleep(ctx, changed, heartbeatEvery); err != nil {
		return err
	}
	if err := w.sleep(ctx, nil, logPause); err != nil {
		return err
	}
	if w.inUse() {
		return nil
	}
	return &channels.Error{
		Code: channels.CodeUnavailable, RetryAfter: instance.RetryAfter,
		Message: "channel " + w.name + ": a reload has removed it or given it another type",
	}
}

// sleep returns why the watch ends, nil once the log has changed or the time is over. A time
// without a change ends with a sign of life.
func (w *logWatch) sleep(ctx context.Context, changed <-chan struct{}, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-changed:
		return nil
	case <-timer.C:
		if changed == nil {
			return nil
		}
		return w.live()
	case <-w.Draining:
		return instance.ErrDraining
	case <-ctx.Done():
		return ctx.Err()
	}
}

// live sends a sign of life.
func (w *logWatch) live() error {
	return w.stream(&manyvoxv1.WatchChannelLogResponse{Cursor: logCursor(w.after)})
}

// inUse reports whether the channel still has the log.
func (w *logWatch) inUse() bool {
	in, err := w.Channels.Find(w.name)
	return err == nil && in.Exchanges.Log == w.log
}

func logCursor(n int64) string { return strconv.FormatInt(n, cursorBase) }
