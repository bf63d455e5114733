package cmd

import (
	"context"
	"errors"
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
	repeats := false
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
			req.PageToken = res.GetNextPageToken()
		}
		return r.flush()
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

// selection are the flags that select dead letters.
type selection struct {
	All     bool    `env:"-" help:"All of them."`
	Channel string  `placeholder:"NAME" env:"-" help:"With --all: only those of this channel."`
	IDs     []int64 `arg:"" optional:"" name:"id" help:"Their numbers, as list tells them."`
}

// Validate reports an error unless there are either numbers or --all. kong calls it.
func (c *selection) Validate() error {
	switch {
	case c.All && len(c.IDs) > 0:
		return errors.New("--all: not beside numbers")
	case !c.All && len(c.IDs) == 0:
		return errors.New("expected the numbers of dead letters, or --all")
	case !c.All && c.Channel != "":
		return errors.New("--channel: only beside --all")
	}
	return nil
}

// replay returns the request to put the selected ones back.
func (c *selection) replay() *manyvoxv1.ReplayDeadLettersRequest {
	if c.All {
		return &manyvoxv1.ReplayDeadLettersRequest{Selection: &manyvoxv1.ReplayDeadLettersRequest_All{All: c.all()}}
	}
	return &manyvoxv1.ReplayDeadLettersRequest{Selection: &manyvoxv1.ReplayDeadLettersRequest_Ids{Ids: c.numbers()}}
}

// drop returns the request to delete the selected ones.
func (c *selection) drop() *manyvoxv1.DropDeadLettersRequest {
	if c.All {
		return &manyvoxv1.DropDeadLettersRequest{Selection: &manyvoxv1.DropDeadLettersRequest_All{All: c.all()}}
	}
	return &manyvoxv1.DropDeadLettersRequest{Selection: &manyvoxv1.DropDeadLettersRequest_Ids{Ids: c.numbers()}}
}

func (c *selection) all() *manyvoxv1.AllDeadLetters {
	return &manyvoxv1.AllDeadLetters{Channel: c.Channel}
}

func (c *selection) numbers() *manyvoxv1.DeadLetterIds { return &manyvoxv1.DeadLetterIds{Ids: c.IDs} }

// replayDeadLetters puts dead letters back.
type replayDeadLetters struct {
	deadLetterSource `embed:""`
	selection        `embed:""`
}

// Run prints how many were replayed.
func (c *replayDeadLetters) Run(ctx context.Context, p Program) error {
	return c.open(ctx, p, func(l deadLetterService) error {
		res, err := l.ReplayDeadLetters(ctx, c.replay())
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "replayed %s\n", plural(res.GetReplayed(), "dead letter"))
		return nil
	})
}

// dropDeadLetters deletes dead letters.
type dropDeadLetters struct {
	deadLetterSource `embed:""`
	selection        `embed:""`
}

// Run prints how many were dropped.
func (c *dropDeadLetters) Run(ctx context.Context, p Program) error {
	return c.open(ctx, p, func(l deadLetterService) error {
		res, err := l.DropDeadLetters(ctx, c.drop())
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "dropped %s\n", plural(res.GetDropped(), "dead letter"))
		return nil
	})
}
