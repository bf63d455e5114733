package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// oldest is the cursor before the oldest event.
const oldest = "oldest"

// eventFilter selects events. The service selects by channel, and by sender within one; what
// it does not select is left out here.
type eventFilter struct {
	channel, sender string
	// since is the time of the oldest that is wanted; the zero time wants all.
	since time.Time
}

// request returns channel and sender as the service takes them: a sender has a channel.
func (f *eventFilter) request() (channel, sender string) {
	if f.channel == "" {
		return "", ""
	}
	return f.channel, f.sender
}

// takes reports whether an event is wanted.
func (f *eventFilter) takes(e *manyvoxv1.Event) bool {
	return (f.sender == "" || e.GetSender() == f.sender) && !e.GetTime().AsTime().Before(f.since)
}

// eventList reads the events that are kept.
type eventList struct {
	client manyvoxv1connect.ConversationServiceClient
	filter eventFilter
	// after is the cursor behind which the list begins and, once it was read, the last one
	// of the service's list.
	after string
}

// each calls f with each page.
func (l *eventList) each(ctx context.Context, f func([]*manyvoxv1.Event) error) error {
	channel, sender := l.filter.request()
	req := &manyvoxv1.ListEventsRequest{Channel: channel, Sender: sender, After: l.after, PageSize: maxPageSize}
	for {
		res, err := l.client.ListEvents(ctx, req)
		if err != nil {
			return err
		}
		var page []*manyvoxv1.Event
		for _, e := range res.GetEvents() {
			l.after = e.GetCursor()
			if l.filter.takes(e) {
				page = append(page, e)
			}
		}
		if err := f(page); err != nil {
			return err
		}
		if req.PageToken = res.GetNextPageToken(); req.PageToken == "" {
			return nil
		}
	}
}

// newest returns the newest events, so many at most. The service lists the oldest first, so all
// are read, and no more than these are kept.
func (l *eventList) newest(ctx context.Context, limit int) (list []*manyvoxv1.Event, err error) {
	err = l.each(ctx, func(page []*manyvoxv1.Event) error {
		list = append(list, page...)
		list = list[max(0, len(list)-limit):]
		return nil
	})
	return list, err
}

// parseSince returns the time that --since names: that of RFC 3339, or so long ago.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("--since: expected a time such as %s, or how long ago, such as 90s, 30m or 12h", "2026-01-02T15:04:05Z")
	case d <= 0:
		return time.Time{}, errors.New("--since: expected a positive time")
	}
	return now.Add(-d), nil
}
