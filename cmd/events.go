package cmd

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// mostRows is the largest page.
const mostRows = 1000

// eventsCommand tells what happened.
type eventsCommand struct {
	calling `embed:""`
	Follow  bool   `short:"f" help:"Show what happens from now on, or after --after, until it is interrupted."`
	Channel string `placeholder:"NAME" help:"Only those of this channel."`
	Sender  string `placeholder:"ID" help:"Only those of the conversation with this sender. Needs --channel."`
	After   *int64 `placeholder:"CURSOR" env:"-" help:"Only those above this cursor. -1 begins with the oldest."`
	JSON    bool   `name:"json" help:"One JSON object a line."`
}

// Validate wants a conversation to be named by both; kong asks it.
func (c *eventsCommand) Validate() error {
	if c.Sender != "" && c.Channel == "" {
		return errors.New("--sender: needs --channel")
	}
	return nil
}

// Run prints the events.
func (c *eventsCommand) Run(ctx context.Context, p Program) error {
	return c.call(p, func(client manyvoxv1connect.ConversationServiceClient) error {
		columns := []string{"CURSOR", "TIME", "CHANNEL", "SENDER", "EVENT", "WHAT"}
		if c.Follow {
			f := &follower{
				client: client, channel: c.Channel, sender: c.Sender, after: c.After,
				rows: newRows(p.Stdout, c.JSON, columns...), notes: p.Stderr, pause: followPause,
			}
			return f.run(ctx)
		}
		return c.list(ctx, client, newRows(p.Stdout, c.JSON, columns...))
	})
}

// list prints all pages.
func (c *eventsCommand) list(ctx context.Context, client manyvoxv1connect.ConversationServiceClient, r *rows) error {
	req := &manyvoxv1.ListEventsRequest{Channel: c.Channel, Sender: c.Sender, After: c.After, PageSize: mostRows}
	for {
		res, err := client.ListEvents(ctx, req)
		if err != nil {
			return err
		}
		for _, e := range res.GetEvents() {
			if err := addEvent(r, e); err != nil {
				return err
			}
		}
		if err := r.flush(); err != nil {
			return err
		}
		if req.PageToken = res.GetNextPageToken(); req.PageToken == "" {
			return nil
		}
	}
}

func addEvent(r *rows, e *manyvoxv1.Event) error {
	kind, what := happened(e)
	return r.add(e, strconv.FormatInt(e.GetCursor(), 10), when(e.GetTime()), cell(e.GetChannel()), cell(e.GetSender()), kind, what)
}

// happened names the kind of an event, and says what there is to see of it.
func happened(e *manyvoxv1.Event) (kind, what string) {
	switch k := e.GetKind().(type) {
	case *manyvoxv1.Event_Message:
		return "message", written(k.Message)
	case *manyvoxv1.Event_Reply:
		return "reply", shown(k.Reply.GetReplies()...)
	case *manyvoxv1.Event_Sent:
		return "sent", cell(cmp.Or(k.Sent.GetReceipt(), k.Sent.GetPartId()))
	case *manyvoxv1.Event_Undelivered:
		return "undelivered", cell(k.Undelivered.GetReason())
	case *manyvoxv1.Event_Expired:
		return "expired", cell(k.Expired.GetReason())
	case *manyvoxv1.Event_Failed:
		return "failed", cell(k.Failed.GetReason())
	case *manyvoxv1.Event_Interrupted:
		return "interrupted", cell(k.Interrupted.GetReason())
	}
	return "unknown", ""
}
