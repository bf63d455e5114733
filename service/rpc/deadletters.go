package rpc

import (
	"context"
	"log/slog"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/journal"
)

// DeadLetters are the calls about dead letters. The command line makes them itself while
// no program runs.
type DeadLetters struct {
	Journal journal.DeadLetters
	Log     *slog.Logger
}

// ListDeadLetters lists a page of dead letters.
func (c DeadLetters) ListDeadLetters(
	ctx context.Context, req *manyvoxv1.ListDeadLettersRequest,
) (*manyvoxv1.ListDeadLettersResponse, error) {
	size, err := pageSize(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	after, err := pageStart(req.GetPageToken(), 0)
	if err != nil {
		return nil, err
	}
	letters, err := c.Journal.DeadLetters(ctx, req.GetChannel(), after, size+1)
	if err != nil {
		return nil, journalFailed(ctx, c.Log, err)
	}
	res := &manyvoxv1.ListDeadLettersResponse{}
	if len(letters) > size {
		letters = letters[:size]
		res.NextPageToken = pageToken(letters[size-1].ID)
	}
	for i := range letters {
		res.DeadLetters = append(res.DeadLetters, deadLetterOf(&letters[i]))
	}
	return res, nil
}

// ReplayDeadLetters puts dead letters back.
func (c DeadLetters) ReplayDeadLetters(
	ctx context.Context, req *manyvoxv1.ReplayDeadLettersRequest,
) (*manyvoxv1.ReplayDeadLettersResponse, error) {
	n, err := c.remove(ctx, "dead letters replayed", req, c.Journal.Replay)
	if err != nil {
		return nil, err
	}
	return &manyvoxv1.ReplayDeadLettersResponse{Replayed: int64(n)}, nil
}

// DropDeadLetters deletes dead letters.
func (c DeadLetters) DropDeadLetters(
	ctx context.Context, req *manyvoxv1.DropDeadLettersRequest,
) (*manyvoxv1.DropDeadLettersResponse, error) {
	n, err := c.remove(ctx, "dead letters dropped", req, c.Journal.Drop)
	if err != nil {
		return nil, err
	}
	return &manyvoxv1.DropDeadLettersResponse{Dropped: int64(n)}, nil
}

// selection says which dead letters are meant.
type selection interface {
	GetIds() []int64
	GetAll() bool
	GetChannel() string
}

// remove takes the dead letters that are meant out of the list, all at once, so that
// those put back keep their order.
func (c DeadLetters) remove(
	ctx context.Context, done string, req selection, how func(context.Context, ...int64) (int, error),
) (int, error) {
	if err := validSelection(req); err != nil {
		return 0, err
	}
	ids := req.GetIds()
	if req.GetAll() {
		var err error
		if ids, err = c.allDeadLetters(ctx, req.GetChannel()); err != nil {
			return 0, journalFailed(ctx, c.Log, err)
		}
	}
	n, err := how(ctx, ids...)
	if err != nil {
		return 0, journalFailed(ctx, c.Log, err)
	}
	c.Log.InfoContext(ctx, done, "count", n)
	return n, nil
}

// validSelection wants either ids or all, so that a forgotten field never means
// everything.
func validSelection(req selection) error {
	switch {
	case req.GetAll() && len(req.GetIds()) > 0:
		return channels.Errorf(channels.CodeInvalid, "ids: not beside all")
	case !req.GetAll() && len(req.GetIds()) == 0:
		return channels.Errorf(channels.CodeInvalid, "ids: required, unless all is set")
	case !req.GetAll() && req.GetChannel() != "":
		return channels.Errorf(channels.CodeInvalid, "channel: only beside all")
	}
	return nil
}

// allDeadLetters returns the ids of those that there are now.
func (c DeadLetters) allDeadLetters(ctx context.Context, channel string) (ids []int64, err error) {
	for after := int64(0); ; after = ids[len(ids)-1] {
		letters, err := c.Journal.DeadLetters(ctx, channel, after, maxPage)
		if err != nil {
			return nil, err
		}
		for i := range letters {
			ids = append(ids, letters[i].ID)
		}
		if len(letters) < maxPage {
			return ids, nil
		}
	}
}
