package cmd

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// deadLettersCommand holds the commands about dead letters.
type deadLettersCommand struct {
	List   listDeadLetters   `cmd:"" help:"List messages and parts of replies that were given up."`
	Replay replayDeadLetters `cmd:"" help:"Put them back, in their original order. A message that was interrupted is answered again as a whole, so that replies may repeat."`
	Drop   dropDeadLetters   `cmd:"" help:"Delete them for good."`
}

// listDeadLetters lists dead letters.
type listDeadLetters struct {
	deadLetterSource `embed:""`
	Channel          string `placeholder:"NAME" help:"Only those of this channel."`
	JSON             bool   `name:"json" help:"One JSON object a line."`
}

// Run prints them.
func (c *listDeadLetters) Run(ctx context.Context, p Program) error {
	r := newPrinter(p.Stdout, c.JSON, "ID", "KIND", "DIED", "CHANNEL", "SENDER", "REASON", "CONTENT")
	repeats, listed := false, 0
	err := c.open(ctx, p, func(l deadLetterService) error {
		req := &manyvoxv1.ListDeadLettersRequest{Channel: c.Channel, PageSize: maxPageSize}
		for more := true; more; more = req.GetPageToken() != "" {
			res, err := l.ListDeadLetters(ctx, req)
			if err != nil {
				return err
			}
			for _, d := range res.GetDeadLetters() {
				repeats = repeats || d.GetMayRepeat()
				if err := printDeadLetter(r, d); err != nil {
					return err
				}
			}
			listed += len(res.GetDeadLetters())
			req.PageToken = res.GetNextPageToken()
		}
		if err := r.flush(); err != nil || listed > 0 {
			return err
		}
		return checkChannel(ctx, l, c.Channel)
	})
	if repeats && !c.JSON {
		fmt.Fprintln(p.Stdout, "\nTo replay what was interrupted may repeat replies that the user has seen.")
	}
	return err
}

// printDeadLetter prints one row.
func printDeadLetter(r *printer, d *manyvoxv1.DeadLetter) error {
	content := messageText(d.GetMessage())
	if part := d.GetPart(); part != nil {
		content = replyText(part.GetReply())
	}
	kind := strings.ToLower(strings.TrimPrefix(d.GetKind().String(), "KIND_"))
	return r.print(d, strconv.FormatInt(d.GetId(), 10), kind, timestamp(d.GetDied()),
		cell(d.GetChannel()), cell(d.GetSender()), why(d), content)
}

// replayDeadLetters puts dead letters back.
type replayDeadLetters struct {
	deadLetterSource `embed:""`
	selection        `embed:""`
}

// Run prints how many were replayed.
func (c *replayDeadLetters) Run(ctx context.Context, p Program) error {
	return c.open(ctx, p, func(l deadLetterService) error {
		return c.apply(ctx, l, func() error {
			res, err := l.ReplayDeadLetters(ctx, c.replay())
			if err != nil {
				return err
			}
			fmt.Fprintf(p.Stdout, "replayed %s\n", plural(res.GetReplayed(), "dead letter"))
			return nil
		})
	})
}

// dropDeadLetters deletes dead letters.
type dropDeadLetters struct {
	deadLetterSource `embed:""`
	selection        `embed:""`
	confirmFlags     `embed:""`
}

// Run prints how many were dropped. It asks first where all are meant.
func (c *dropDeadLetters) Run(ctx context.Context, p Program) error {
	if c.All {
		what := "delete all dead letters"
		if c.Channel != "" {
			what += fmt.Sprintf(" of channel %q", c.Channel)
		}
		if err := c.confirm(ctx, p, what); err != nil {
			return err
		}
	}
	return c.open(ctx, p, func(l deadLetterService) error {
		return c.apply(ctx, l, func() error {
			res, err := l.DropDeadLetters(ctx, c.drop())
			if err != nil {
				return err
			}
			fmt.Fprintf(p.Stdout, "dropped %s\n", plural(res.GetDropped(), "dead letter"))
			return nil
		})
	})
}
