package cmd

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// maxPageSize is the largest page that a list RPC returns.
const maxPageSize = 1000

// eventsCommand lists or follows the events of conversations.
type eventsCommand struct {
	clientFlags `embed:""`
	Follow      bool   `short:"f" help:"Show what happens from now on, or after --after, until it is interrupted. With --limit or --since what they select comes first."`
	Channel     string `placeholder:"NAME" help:"Only those of this channel."`
	Sender      string `placeholder:"ID" help:"Only those of this sender, in any channel or that of --channel."`
	After       string `placeholder:"CURSOR" env:"-" help:"Only those behind this cursor, as the column CURSOR tells it. oldest begins with the oldest."`
	Since       string `placeholder:"TIME" env:"-" help:"Only those since a time, such as 2026-01-02T15:04:05Z, or so long ago, such as 30m or 12h."`
	Limit       int    `short:"n" placeholder:"N" env:"-" help:"Only the newest N of them."`
	JSON        bool   `name:"json" help:"One JSON object a line."`
}

// Validate reports a limit or a time that cannot be meant. kong calls it.
func (c *eventsCommand) Validate() error {
	if c.Limit < 0 {
		return errors.New("--limit: expected a positive number")
	}
	_, err := parseSince(c.Since, time.Now())
	return err
}

// Run prints the events.
func (c *eventsCommand) Run(ctx context.Context, p Program) error {
	since, err := parseSince(c.Since, time.Now())
	if err != nil {
		return usageError{err}
	}
	filter := eventFilter{c.Channel, c.Sender, since}
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
		r := newPrinter(p.Stdout, c.JSON, "CURSOR", "TIME", "CHANNEL", "SENDER", "EVENT", "WHAT")
		after := c.After
		if !c.Follow || c.Limit > 0 || c.Since != "" {
			list := &eventList{client: client, filter: filter, after: c.After}
			if err := c.list(ctx, list, r); err != nil || !c.Follow {
				return err
			}
			after = cmp.Or(list.after, oldest)
		} else if err := c.checkFollowed(ctx, client); err != nil {
			return err
		}
		f := &follower{after: after, stderr: p.Stderr, pause: followPause}
		f.watch = func(ctx context.Context, after string, got func(string)) error {
			return watchEvents(ctx, client, filter, r, after, got)
		}
		return f.run(ctx)
	})
}

// list prints what is kept.
func (c *eventsCommand) list(ctx context.Context, l *eventList, r *printer) error {
	var err error
	if c.Limit > 0 {
		var newest []*manyvoxv1.Event
		if newest, err = l.newest(ctx, c.Limit); err == nil {
			err = printEvents(r, newest)
		}
	} else {
		err = l.each(ctx, func(page []*manyvoxv1.Event) error { return printEvents(r, page) })
	}
	if err == nil && l.after == c.After { // nothing was listed
		err = checkChannel(ctx, l.client, c.Channel)
	}
	if err != nil {
		return err
	}
	return r.flush()
}

// checkFollowed refuses to follow a channel that there is not.
func (c *eventsCommand) checkFollowed(ctx context.Context, client manyvoxv1connect.ConversationServiceClient) error {
	if c.Channel == "" {
		return nil
	}
	res, err := client.ListEvents(ctx, &manyvoxv1.ListEventsRequest{Channel: c.Channel, PageSize: 1})
	if err != nil || len(res.GetEvents()) > 0 {
		return err
	}
	return checkChannel(ctx, client, c.Channel)
}

// watchEvents prints events as they happen, until the stream ends.
func watchEvents(
	ctx context.Context, client manyvoxv1connect.ConversationServiceClient, filter eventFilter, r *printer, after string,
	got func(cursor string),
) error {
	channel, sender := filter.request()
	stream, err := client.WatchEvents(ctx, &manyvoxv1.WatchEventsRequest{Channel: channel, Sender: sender, After: after})
	if err != nil {
		return err
	}
	err = printAll(stream, got, (*manyvoxv1.WatchEventsResponse).GetCursor, func(m *manyvoxv1.WatchEventsResponse) error {
		if e := m.GetEvent(); e != nil && filter.takes(e) {
			if err := printEvent(r, e); err != nil {
				return err
			}
		}
		return r.flush()
	})
	if err == nil {
		err = errStreamEnded
	}
	return err
}

func printEvents(r *printer, list []*manyvoxv1.Event) error {
	for _, e := range list {
		if err := printEvent(r, e); err != nil {
			return err
		}
	}
	return r.flush()
}

func printEvent(r *printer, e *manyvoxv1.Event) error {
	kind, what := describe(e)
	return r.print(e, e.GetCursor(), timestamp(e.GetTime()), cell(e.GetChannel()), cell(e.GetSender()), kind, what)
}

// describe returns the kind of an event and what the last column shows of it.
func describe(e *manyvoxv1.Event) (kind, what string) {
	switch k := e.GetKind().(type) {
	case *manyvoxv1.Event_Message:
		return "message", messageText(k.Message)
	case *manyvoxv1.Event_Reply:
		return "reply", replyText(k.Reply.GetReplies()...)
	case *manyvoxv1.Event_Sent:
		return "sent", cell(cmp.Or(k.Sent.GetReceipt(), k.Sent.GetPartId()))
	case *manyvoxv1.Event_Delivered:
		return "delivered", cell(cmp.Or(k.Delivered.GetReceipt(), k.Delivered.GetPartId()))
	case *manyvoxv1.Event_Read:
		return "read", cell(cmp.Or(k.Read.GetReceipt(), k.Read.GetPartId()))
	case *manyvoxv1.Event_Undelivered:
		return "undelivered", why(k.Undelivered)
	case *manyvoxv1.Event_Expired:
		return "expired", why(k.Expired)
	case *manyvoxv1.Event_Refused:
		return "refused", why(k.Refused)
	case *manyvoxv1.Event_Gap:
		return "gap", why(k.Gap)
	case *manyvoxv1.Event_Failed:
		return "failed", why(k.Failed)
	case *manyvoxv1.Event_Interrupted:
		return "interrupted", why(k.Interrupted)
	}
	return "unknown", ""
}

// why returns the code and the reason of something that was given up.
func why(e interface {
	GetCode() string
	GetReason() string
}) string {
	if e.GetCode() == "" || strings.HasPrefix(e.GetReason(), e.GetCode()) {
		return cell(e.GetReason())
	}
	return cell(e.GetCode() + ": " + e.GetReason())
}
