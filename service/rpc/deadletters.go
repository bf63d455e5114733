package rpc

import (
	"context"
	"log/slog"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// maxIDs is how many dead letters one call can name.
	maxIDs = 1000
	// lettersAtOnce is how many are read at once: each may be as large as a reply can be.
	lettersAtOnce = 16
)

// DeadLetters are the calls about dead letters. The command line makes them itself while
// no program runs.
type DeadLetters struct {
	Journal journal.DeadLetters
	Cursors Cursors
	Log     *slog.Logger
}

// ListDeadLetters lists a page of dead letters.
func (c DeadLetters) ListDeadLetters(
	ctx context.Context, req *manyvoxv1.ListDeadLettersRequest,
) (*manyvoxv1.ListDeadLettersResponse, error) {
	page, err := c.Cursors.newPage(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	after, err := page.start(req.GetPageToken(), 0)
	if err != nil {
		return nil, err
	}
	res := &manyvoxv1.ListDeadLettersResponse{}
	for {
		size := min(page.rows, lettersAtOnce)
		letters, err := c.Journal.DeadLetters(ctx, req.GetChannel(), after, size+1)
		if err != nil {
			return nil, instance.JournalFailed(ctx, c.Log, err)
		}
		for i := range letters {
			row := deadLetterOf(&letters[i])
			if !page.takes(row) {
				res.NextPageToken = c.Cursors.Of(after)
				return res, nil
			}
			res.DeadLetters = append(res.DeadLetters, row)
			after = letters[i].ID
		}
		if len(letters) <= size {
			return res, nil
		}
	}
}

// ReplayDeadLetters puts dead letters back.
func (c DeadLetters) ReplayDeadLetters(
	ctx context.Context, req *manyvoxv1.ReplayDeadLettersRequest,
) (*manyvoxv1.ReplayDeadLettersResponse, error) {
	n, unknown, err := c.remove(ctx, "dead letters replayed", req, c.Journal.Replay)
	if err != nil {
		return nil, err
	}
	return &manyvoxv1.ReplayDeadLettersResponse{Replayed: int64(n), UnknownIds: unknown}, nil
}

// DropDeadLetters deletes dead letters.
func (c DeadLetters) DropDeadLetters(
	ctx context.Context, req *manyvoxv1.DropDeadLettersRequest,
) (*manyvoxv1.DropDeadLettersResponse, error) {
	n, unknown, err := c.remove(ctx, "dead letters dropped", req, c.Journal.Drop)
	if err != nil {
		return nil, err
	}
	return &manyvoxv1.DropDeadLettersResponse{Dropped: int64(n), UnknownIds: unknown}, nil
}

// selection says which dead letters are meant.
type selection interface {
	GetIds() *manyvoxv1.DeadLetterIds
	GetAll() *manyvoxv1.AllDeadLetters
}

// remove takes the dead letters that are meant out of the list, all at once, so that
// those put back keep their order. It returns how many there were, and which are unknown.
func (c DeadLetters) remove(
	ctx context.Context, done string, req selection, how func(context.Context, ...int64) (int, error),
) (n int, unknown []int64, err error) {
	ids := req.GetIds().GetIds()
	switch all := req.GetAll(); {
	case all != nil:
		ids, err = c.allDeadLetters(ctx, all.GetChannel())
	case len(ids) == 0:
		return 0, nil, channels.InvalidField("ids", "required, unless all is set")
	case len(ids) > maxIDs:
		return 0, nil, channels.InvalidField("ids", "%d, more than the limit of %d", len(ids), maxIDs)
	default:
		ids, unknown, err = c.split(ctx, ids)
	}
	if err == nil {
		n, err = how(ctx, ids...)
	}
	if err != nil {
		return 0, nil, instance.JournalFailed(ctx, c.Log, err)
	}
	c.Log.InfoContext(ctx, done, "count", n)
	return n, unknown, nil
}

// split tells the ids of dead letters from those that are unknown.
func (c DeadLetters) split(ctx context.Context, ids []int64) (known, unknown []int64, err error) {
	for _, id := range ids {
		letters, err := c.Journal.DeadLetters(ctx, "", id-1, 1)
		if err != nil {
			return nil, nil, err
		}
		if len(letters) == 0 || letters[0].ID != id {
			unknown = append(unknown, id)
			continue
		}
		known = append(known, id)
	}
	return known, unknown, nil
}

// allDeadLetters returns the ids of those that there are now.
func (c DeadLetters) allDeadLetters(ctx context.Context, channel string) (ids []int64, err error) {
	for after := int64(0); ; after = ids[len(ids)-1] {
		letters, err := c.Journal.DeadLetters(ctx, channel, after, watchPage)
		if err != nil {
			return nil, err
		}
		for i := range letters {
			ids = append(ids, letters[i].ID)
		}
		if len(letters) < watchPage {
			return ids, nil
		}
	}
}
