package channels

import (
	"context"
	"time"
)

// Poller fetches what has happened on a platform since a cursor, for a Runner. The cursor moves
// once everything before it is stored; what could not be stored is fetched again.
type Poller[Cursor comparable] struct {
	Loop
	// Fetch returns what has happened since the cursor, which is zero at first, and the cursor
	// behind that. It waits as long as nothing has, within the platform's limit.
	Fetch func(ctx context.Context, since Cursor) (i Incoming, next Cursor, err error)
	// Confirm tells the platform at the end up to where everything is stored. Nil tells it
	// nothing.
	Confirm func(ctx context.Context, since Cursor) error
}

// confirmTimeout bounds Confirm, which is called when the program ends.
const confirmTimeout = 3 * time.Second

// Run fetches until ctx ends, and returns nil then. It returns an error of Fetch that does not
// pass: see Loop.
func (p *Poller[Cursor]) Run(ctx context.Context, in Inbox) error {
	var since, none Cursor
	err := p.Loop.Run(ctx, func(ctx context.Context) error {
		told, next, err := p.Fetch(ctx, since)
		if err == nil {
			err = told.Post(ctx, in)
		}
		if err == nil {
			since = next
		}
		return err
	})
	if since == none || p.Confirm == nil {
		return err
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTimeout)
	defer cancel()
	if err := p.Confirm(last, since); err != nil {
		p.Log.DebugContext(ctx, "not confirmed what is stored: it comes once more, and is known", "error", err)
	}
	return err
}
