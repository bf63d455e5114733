package channeltest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// patience bounds a Send that must not wait. Only a channel that fails needs so long.
const patience = 10 * time.Second

// isolatesRecipients has the platform refuse one recipient, and checks that parts for
// another leave all the same: those after it, and those while its call is under way.
func isolatesRecipients(s subject) error {
	if sends, err := callsPlatform(s.typ); err != nil || !sends {
		return err
	}
	if s.platform == nil || s.platform.Recipient == nil {
		return errors.New("it sends, so Contract needs its Platform with a Recipient")
	}
	f := startPlatform(s.platform.withDefaults(s.typ))
	defer f.close()
	config, err := decode(s.typ, f.Block)
	if err != nil {
		return err
	}
	channel, err := startWith(f.dial, s.typ, config, slog.DiscardHandler)
	if err != nil {
		return fmt.Errorf("the Platform's Block does not open: %w", err)
	}
	i := isolation{f, s.typ, channel.(channels.Sender)}
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	defer cancel()
	if err := i.inTurn(ctx); err != nil {
		return err
	}
	return i.atOnce(ctx)
}

// callsPlatform reports whether the type's channels call a platform. Those with a path of
// their own don't: their clients connect to them.
func callsPlatform(typ channels.Type) (bool, error) {
	c, err := open(typ, typ.Example, slog.DiscardHandler)
	if err != nil {
		return false, fmt.Errorf("its Example does not open: %w", err)
	}
	_, sends := c.(channels.Sender)
	_, waits := c.(channels.Mounter)
	return sends && !waits, nil
}

// isolation is a channel between two recipients.
type isolation struct {
	platform *fakePlatform
	typ      channels.Type
	sender   channels.Sender
}

// send sends a part. It returns at the end of ctx, even if Send does not.
func (i isolation) send(ctx context.Context, to string) error {
	part, err := partFor(i.sender, i.typ, to)
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		_, err := i.sender.Send(ctx, part)
		sent <- err
	}()
	select {
	case err := <-sent:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inTurn refuses a part before each one that is taken.
func (i isolation) inTurn(ctx context.Context) error {
	for n := range int32(2) {
		if err := checkRefusal(i.send(ctx, i.platform.Refused)); err != nil {
			return err
		}
		err := i.send(ctx, i.platform.Taken)
		if calls := i.platform.taken.Load(); err != nil || calls != n+1 {
			return fmt.Errorf("after a refusal of one recipient a part for another fails, or is not sent in one call (%d of %d): %w", calls, n+1, err)
		}
	}
	return nil
}

// atOnce sends a part while the call of another waits for its refusal.
func (i isolation) atOnce(ctx context.Context) error {
	held := i.platform.hold()
	refused := make(chan error, 1)
	go func() { refused <- i.send(ctx, i.platform.Refused) }()
	select {
	case <-held.arrived:
	case err := <-refused:
		return fmt.Errorf("no call for the recipient that is refused: %w", err)
	}
	err := i.send(ctx, i.platform.Taken)
	close(held.answer)
	if err != nil {
		return fmt.Errorf("a part waits while the call for another recipient is under way: %w", err)
	}
	return checkRefusal(<-refused)
}

// checkRefusal checks the error of a part whose recipient is refused. Only two classes
// hold back no other part.
func checkRefusal(err error) error {
	var e *channels.SendError
	if errors.As(err, &e) && (e.Class == channels.SendGone || e.Class == channels.SendRejected) {
		return nil
	}
	return fmt.Errorf("a recipient is refused, so Send's error must have the class gone or rejected: %w", err)
}
