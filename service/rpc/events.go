package rpc

import (
	"context"
	"log/slog"

	"connectrpc.com/connect"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// oldest stands before the oldest event that is kept.
	oldest = -1
	// watchPage is how many events a watch reads at once.
	watchPage = 100
)

// Events are the calls that list and watch events.
type Events struct {
	Journal EventJournal
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
	size, err := pageSize(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	after := int64(oldest)
	if req.After != nil {
		after = req.GetAfter()
	}
	if after, err = pageStart(req.GetPageToken(), after); err != nil {
		return nil, err
	}
	if err := c.known(ctx, after); err != nil {
		return nil, err
	}
	page, err := c.Journal.Events(ctx, filter, after, size)
	if err != nil {
		return nil, journalFailed(ctx, c.Log, err)
	}
	res := &manyvoxv1.ListEventsResponse{}
	for i := range page.Events {
		res.Events = append(res.Events, eventOf(&page.Events[i]))
	}
	if page.More {
		res.NextPageToken = pageToken(page.Next)
	}
	return res, nil
}

// WatchEvents streams events until the client goes or the program drains.
func (c Events) WatchEvents(
	ctx context.Context, req *manyvoxv1.WatchEventsRequest, stream *connect.ServerStream[manyvoxv1.WatchEventsResponse],
) error {
	filter, err := filterOf(req)
	if err != nil {
		return err
	}
	after, err := c.watchStart(ctx, req)
	if err != nil {
		return err
	}
	w := &eventWatch{Events: c, filter: filter, after: after, stream: stream.Send}
	return w.run(ctx)
}

// watchStart returns the cursor behind which a watch begins.
func (c Events) watchStart(ctx context.Context, req *manyvoxv1.WatchEventsRequest) (int64, error) {
	if req.After != nil {
		return req.GetAfter(), c.known(ctx, req.GetAfter())
	}
	newest, err := c.Journal.Newest(ctx)
	if err != nil {
		return 0, journalFailed(ctx, c.Log, err)
	}
	return newest, nil
}

// known refuses a cursor that no event has yet: it is another journal's, as that of a
// store in memory before a restart, and who goes on from there would miss events.
func (c Events) known(ctx context.Context, cursor int64) error {
	if cursor <= 0 {
		return nil
	}
	newest, err := c.Journal.Newest(ctx)
	if err != nil {
		return journalFailed(ctx, c.Log, err)
	}
	if cursor > newest {
		return channels.Errorf(channels.CodeOutOfRange, "no event has this cursor yet; the newest that can be given is %d", newest)
	}
	return nil
}

// filterOf reads the filter of a request. A sender alone would be looked for in every
// channel, where the same name may be somebody else.
func filterOf(req ofConversation) (journal.EventFilter, error) {
	f := journal.EventFilter{Channel: req.GetChannel(), Sender: req.GetSender()}
	if f.Sender != "" && f.Channel == "" {
		return f, channels.Errorf(channels.CodeInvalid, "channel: required beside sender")
	}
	return f, nil
}
