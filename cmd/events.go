package cmd

import (
	"cmp"
	"context"
	"errors"
	"strings"

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
	After       string `placeholder:"CURSOR" env:"-" help:"Only those behind this cursor, as the column CURSOR tells it. oldest begins with the oldest."`
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
