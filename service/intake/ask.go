package intake

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// AskDecoded is Inbox.Ask for a caller that has made the message itself: its metadata is
// known to be JSON, and byCaller says whether its id is the caller's own.
func (d *Door) AskDecoded(ctx context.Context, in *instance.Instance, m channels.Message, byCaller bool, r channels.Replier) error {
	return d.ask(ctx, in, &m, r, admission{decoded: true, named: byCaller})
}

// admission is what the door need not find out about a message.
type admission struct {
	// decoded says that the metadata is known to be JSON.
	decoded bool
	// named says that the message's id is the caller's: a repeat is one message.
	named bool
}

// ask admits m, waits for its turn in the conversation and runs it.
func (d *Door) ask(ctx context.Context, in *instance.Instance, m *channels.Message, r channels.Replier, a admission) error {
	err := d.admit(ctx, in, m, a.decoded)
	if err == nil {
		err = in.Senders.Pace(m.Sender)
	}
	said := m.Text
	if err == nil && !a.decoded { // else the text is the caller's own
		err = d.choose(ctx, in, m)
	}
	if err != nil {
		return in.Metrics.Refused(err, 1)
	}
	if err := d.InFlight.Enter(); err != nil {
		return in.Metrics.Refused(err, 1)
	}
	defer d.InFlight.Leave()
	defer in.Metrics.Asked(channels.IsLive(r))()
	kept, err := d.Media.Admit(ctx, in, m)
	switch {
	case err != nil:
		return in.Metrics.Refused(err, 1)
	case a.named:
		return d.Turns.AskOnce(ctx, in, m, said, r)
	case kept: // nobody can ask it again
		defer d.Media.Release(context.WithoutCancel(ctx), m)
	}
	return d.Turns.Ask(ctx, in, m, r)
}
