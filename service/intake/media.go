package intake

import (
	"context"
	"errors"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// admitMedia has messages hold their media and returns those that do. Err is why others do
// not: an error that may be gone later where there is one, since the platform then
// redelivers all. For the inbox of Run, unkept are those whose senders have their share of
// the media; they are dead letters then, and no error.
func (d *Door) admitMedia(ctx context.Context, i inbox, es []journal.Entry) (fit, unkept []journal.Entry, err error) {
	for _, e := range es {
		var refused error
		e.Media, refused = d.Media.Admit(ctx, i.in, &e.Message)
		switch {
		case refused == nil:
			fit = append(fit, e)
			continue
		case i.refuse && channels.AsError(refused).Code == channels.CodeRateLimited:
			unkept = append(unkept, e)
			continue
		}
		d.Log.Warn("message refused for its media", "channel", i.in.Name, "message_id", instance.Shorten(e.Message.ID), "error", refused)
		refused = i.in.Metrics.Refused(refused, 1)
		if err == nil || errors.Is(err, channels.ErrInvalid) {
			err = refused
		}
	}
	return fit, unkept, err
}
