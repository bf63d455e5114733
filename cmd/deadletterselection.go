package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

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

// apply has f replay or drop what is selected. The service passes over numbers that it does
// not have, so they are looked for first, and are an error once the others are done. So is a
// channel that there is not.
func (c *selection) apply(ctx context.Context, l deadLetterService, f func() error) error {
	there, err := c.find(ctx, l)
	if err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	if c.All && there == nil {
		return checkChannel(ctx, l, c.Channel)
	}
	var missing []string
	for _, id := range c.IDs {
		if !slices.Contains(there, id) {
			missing = append(missing, fmt.Sprint(id))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("no dead letter has this number: %s", strings.Join(missing, ", "))
	}
	return nil
}

// find returns the numbers of the selected dead letters that there are; of all those of a
// channel, the first page is enough to know.
func (c *selection) find(ctx context.Context, l deadLetterService) (there []int64, err error) {
	req := &manyvoxv1.ListDeadLettersRequest{Channel: c.Channel, PageSize: maxPageSize}
	for {
		res, err := l.ListDeadLetters(ctx, req)
		if err != nil {
			return nil, err
		}
		for _, d := range res.GetDeadLetters() {
			if c.All || slices.Contains(c.IDs, d.GetId()) {
				there = append(there, d.GetId())
			}
		}
		// They come in the order of their numbers.
		if req.PageToken = res.GetNextPageToken(); req.PageToken == "" || c.All || len(there) == len(c.IDs) {
			return there, nil
		}
	}
}
