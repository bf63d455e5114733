package rpc

import (
	"context"
	"errors"
	"log/slog"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// watchPage is how many events a watch reads at once.
const watchPage = 100

// Events are the calls that list and watch events.
type Events struct {
	Journal EventJournal
	Cursors Cursors
	// Draining is closed when the program is ending, which ends every watch.
	Draining <-chan struct{}
	Log      *slog.Logger
}

// EventJournal is what they ask of the journal.
type EventJournal interface {
	Events(ctx context.Context, f journal.EventFilter, after int64, limit int) (journal.EventPage, error)
	Newest(ctx context.Context) (int64, error)
	Changed() <-chan struct{}
}

// ListEvents lists a page of events.
func (c Events) ListEvents(ctx context.Context, req *manyvoxv1.ListEventsRequest) (*manyvoxv1.ListEventsResponse, error) {
	filter, err := filterOf(req)
	if err != nil {
		return nil, err
	}
	page, err := c.Cursors.newPage(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	after := int64(oldest)
	if req.GetAfter() != "" {
		if after, err = c.Cursors.read("after", req.GetAfter()); err != nil {
			return nil, err
		}
	}
	if after, err = page.start(req.GetPageToken(), after); err != nil {
		return nil, err
	}
	if err := c.known(ctx, after); err != nil {
		return nil, err
	}
	return c.list(ctx, filter, after, page)
}

// list fills a page. It reads few events at once, of which each may be large.
func (c Events) list(ctx context.Context, f journal.EventFilter, after int64, p *page) (*manyvoxv1.ListEventsResponse, error) {
	res := &manyvoxv1.ListEventsResponse{}
	for {
		found, err := c.Journal.Events(ctx, f, after, min(p.rows, watchPage))
		if err != nil {
			return nil, c.failed(ctx, err)
		}
		for i := range found.Events {
			event := c.eventOf(&found.Events[i])
			if !p.takes(event) {
				res.NextPageToken = c.Cursors.Of(after)
				return res, nil
			}
			res.Events = append(res.Events, event)
			after = found.Events[i].Cursor
		}
		switch after = found.Next; {
		case !found.More:
			return res, nil
		case p.rows == 0:
			res.NextPageToken = c.Cursors.Of(after)
			return res, nil
		}
	}
}

// WatchEvents streams events until the client goes or the program drains.
func (c Events) WatchEvents(
	ctx context.Context, req *manyvoxv1.WatchEventsRequest, stream *connect.ServerStream[manyvoxv1.WatchEventsResponse],
) error {
	filter, err := filterOf(req)
	if err != nil {
		return err
	}
	after, err := c.start(ctx, req.GetAfter())
	if err != nil {
		return err
	}
	w := &eventWatch{Events: c, filter: filter, after: after, stream: stream.Send}
	return w.run(ctx)
}

// start returns the cursor behind which a stream begins that the caller wants from a cursor on,
// or from now on.
func (c Events) start(ctx context.Context, cursor string) (int64, error) {
	if cursor != "" {
		after, err := c.Cursors.read("after", cursor)
		if err != nil {
			return 0, err
		}
		return after, c.known(ctx, after)
	}
	newest, err := c.Journal.Newest(ctx)
	if err != nil {
		return 0, c.failed(ctx, err)
	}
	return newest, nil
}

// failed returns the caller's error when a call of the journal failed.
func (c Events) failed(ctx context.Context, err error) error {
	var swept *journal.SweptError
	if !errors.As(err, &swept) {
		return instance.JournalFailed(ctx, c.Log, err)
	}
	cursor := c.Cursors.Of(swept.Oldest)
	return &channels.Error{
		Code: channels.CodeOutOfRange, Reason: channels.ReasonCursorExpired, Info: map[string]string{"oldest": cursor},
		Message: "events behind this cursor were deleted for their age; the oldest cursor that can be given is " + cursor,
	}
}

// known refuses a cursor that no event has yet: it is another journal's, as that of a
// store in memory before a restart, and who goes on from there would miss events.
func (c Events) known(ctx context.Context, cursor int64) error {
	if cursor <= 0 {
		return nil
	}
	newest, err := c.Journal.Newest(ctx)
	if err != nil {
		return c.failed(ctx, err)
	}
	if cursor > newest {
		return channels.Errorf(channels.CodeOutOfRange, "no event has this cursor yet; the newest that can be given is %s", c.Cursors.Of(newest))
	}
	return nil
}

// filterOf reads the filter of a request. A sender alone would be looked for in every
// channel, where the same name may be somebody else.
func filterOf(req ofConversation) (journal.EventFilter, error) {
	f := journal.EventFilter{Channel: req.GetChannel(), Sender: req.GetSender()}
	if f.Sender != "" && f.Channel == "" {
		return f, channels.InvalidField("channel", "required beside sender")
	}
	return f, nil
}
