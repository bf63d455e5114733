package cmd

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/gen/manyvox/v1/manyvoxv1connect"
)

// maxPageSize is the largest page that a list RPC returns.
const maxPageSize = 1000

// eventsCommand lists or follows the events of conversations.
type eventsCommand struct {
	clientFlags `embed:""`
	Follow      bool   `short:"f" help:"Show what happens from now on, or after --after, until it is interrupted."`
	Channel     string `placeholder:"NAME" help:"Only those of this channel."`
	Sender      string `placeholder:"ID" help:"Only those of the conversation with this sender. Needs --channel."`
	After       *int64 `placeholder:"CURSOR" env:"-" help:"Only those above this cursor. -1 begins with the oldest."`
	JSON        bool   `name:"json" help:"One JSON object a line."`
}

// Validate reports a sender without a channel: it takes both to name a conversation.
// kong calls it.
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
				printer: newPrinter(p.Stdout, c.JSON, columns...), stderr: p.Stderr, pause: followPause,
			}
			return f.run(ctx)
		}
		return c.list(ctx, client, newPrinter(p.Stdout, c.JSON, columns...))
	})
}

// list prints all pages.
func (c *eventsCommand) list(ctx context.Context, client manyvoxv1connect.ConversationServiceClient, r *printer) error {
	req := &manyvoxv1.ListEventsRequest{Channel: c.Channel, Sender: c.Sender, After: c.After, PageSize: maxPageSize}
	for {
		res, err := client.ListEvents(ctx, req)
		if err != nil {
			return err
		}
		for _, e := range res.GetEvents() {
			if err := printEvent(r, e); err != nil {
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

func printEvent(r *printer, e *manyvoxv1.Event) error {
	kind, what := describe(e)
	return r.print(e, strconv.FormatInt(e.GetCursor(), 10), timestamp(e.GetTime()), cell(e.GetChannel()), cell(e.GetSender()), kind, what)
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
	case *manyvoxv1.Event_Undelivered:
		return "undelivered", cell(k.Undelivered.GetReason())
	case *manyvoxv1.Event_Expired:
		return "expired", cell(k.Expired.GetReason())
	case *manyvoxv1.Event_Gap:
		return "gap", cell(k.Gap.GetReason())
	case *manyvoxv1.Event_Failed:
		return "failed", cell(k.Failed.GetReason())
	case *manyvoxv1.Event_Interrupted:
		return "interrupted", cell(k.Interrupted.GetReason())
	}
	return "unknown", ""
}
