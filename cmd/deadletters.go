package cmd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// deadLettersCommand holds the commands about what was given up.
type deadLettersCommand struct {
	List   listLetters   `cmd:"" help:"List messages and parts of replies that were given up."`
	Replay replayLetters `cmd:"" help:"Put them back, in their original order. A message that was interrupted is answered again as a whole, so that replies may repeat."`
	Drop   dropLetters   `cmd:"" help:"Delete them for good."`
}

// listLetters lists dead letters.
type listLetters struct {
	letterbox `embed:""`
	Channel   string `placeholder:"NAME" help:"Only those of this channel."`
	JSON      bool   `name:"json" help:"One JSON object a line."`
}

// Run prints them.
func (c *listLetters) Run(ctx context.Context, p Program) error {
	r := newRows(p.Stdout, c.JSON, "ID", "KIND", "DIED", "CHANNEL", "SENDER", "REASON", "CONTENT")
	repeats := false
	err := c.open(ctx, p, func(l letters) error {
		req := &manyvoxv1.ListDeadLettersRequest{Channel: c.Channel, PageSize: mostRows}
		for more := true; more; more = req.GetPageToken() != "" {
			res, err := l.ListDeadLetters(ctx, req)
			if err != nil {
				return err
			}
			for _, d := range res.GetDeadLetters() {
				repeats = repeats || d.GetMayRepeat()
				if err := addLetter(r, d); err != nil {
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

func addLetter(r *rows, d *manyvoxv1.DeadLetter) error {
	content := written(d.GetMessage())
	if part := d.GetPart(); part != nil {
		content = shown(part.GetReply())
	}
	kind := strings.ToLower(strings.TrimPrefix(d.GetKind().String(), "KIND_"))
	return r.add(d, strconv.FormatInt(d.GetId(), 10), kind, when(d.GetDied()),
		cell(d.GetChannel()), cell(d.GetSender()), cell(d.GetReason()), content)
}

// chosen says which dead letters are meant.
type chosen struct {
	All     bool    `env:"-" help:"All of them."`
	Channel string  `placeholder:"NAME" env:"-" help:"With --all: only those of this channel."`
	IDs     []int64 `arg:"" optional:"" name:"id" help:"Their numbers, as list tells them."`
}

// Validate wants numbers or --all; kong asks it.
func (c *chosen) Validate() error {
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

// replayLetters puts dead letters back.
type replayLetters struct {
	letterbox `embed:""`
	chosen    `embed:""`
}

// Run tells how many there were.
func (c *replayLetters) Run(ctx context.Context, p Program) error {
	return c.open(ctx, p, func(l letters) error {
		res, err := l.ReplayDeadLetters(ctx, &manyvoxv1.ReplayDeadLettersRequest{Ids: c.IDs, All: c.All, Channel: c.Channel})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "replayed %s\n", plural(res.GetReplayed(), "dead letter"))
		return nil
	})
}

// dropLetters deletes dead letters.
type dropLetters struct {
	letterbox `embed:""`
	chosen    `embed:""`
}

// Run tells how many there were.
func (c *dropLetters) Run(ctx context.Context, p Program) error {
	return c.open(ctx, p, func(l letters) error {
		res, err := l.DropDeadLetters(ctx, &manyvoxv1.DropDeadLettersRequest{Ids: c.IDs, All: c.All, Channel: c.Channel})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "dropped %s\n", plural(res.GetDropped(), "dead letter"))
		return nil
	})
}
