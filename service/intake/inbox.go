package intake

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// Inbox returns the door as one channel sees it.
func (d *Door) Inbox(in *instance.Instance) instance.Inbox { return inbox{door: d, in: in} }

// RunnerInbox returns the door as a channel's Run sees it. What Post can't take because
// the conversation has its share of the inbox becomes a dead letter: a poller that waited
// for room would stand still for everybody.
func (d *Door) RunnerInbox(in *instance.Instance) channels.Inbox {
	return inbox{door: d, in: in, refuse: true}
}

// inbox is the Inbox of one channel.
type inbox struct {
	door *Door
	in   *instance.Instance
	// refuse makes what is over a conversation's share a dead letter.
	refuse bool
}

// errReplaced is for a channel that is not in use any more, and whose last caller has left.
var errReplaced = &channels.Error{
	Code: channels.CodeUnavailable, Message: "the channel was replaced by a reload", RetryAfter: instance.RetryAfter,
}

// Ask has a message answered while its caller waits.
func (i inbox) Ask(ctx context.Context, m channels.Message, r channels.Replier) error {
	if !i.in.EnterLate() {
		return errReplaced
	}
	defer i.in.Leave()
	ctx, pending := i.in.Exchanges.Receive(ctx)
	err := i.door.ask(ctx, i.in, &m, r, admission{named: m.ID != ""})
	e := channels.Exchange{Verdict: channels.VerdictAccepted}
	if err != nil {
		e = e.WithError(err)
	}
	e.Sender, e.Message = m.Sender, m.Text
	pending.Conclude(e)
	return err
}

// Post stores messages to be answered later.
func (i inbox) Post(ctx context.Context, ms ...channels.Message) error {
	if !i.in.EnterLate() {
		return errReplaced
	}
	defer i.in.Leave()
	err := i.door.post(ctx, i, ms)
	if err != nil {
		e := channels.Exchange{}.WithError(err)
		e.Sender = onlySender(ms)
		if len(ms) == 1 {
			e.Message = ms[0].Text
		}
		i.in.Exchanges.Record(ctx, e)
	}
	return err
}

// onlySender returns who has written all the messages, "" where they are of several.
func onlySender(ms []channels.Message) (sender string) {
	for i, m := range ms {
		if i > 0 && m.Sender != sender {
			return ""
		}
		sender = m.Sender
	}
	return sender
}

// Wake lets what waits for an absent sender leave, by this process.
func (i inbox) Wake(ctx context.Context, sender string) error {
	return i.in.Reports.Report(ctx, func(ctx context.Context) error {
		return i.door.Presence.Wake(ctx, i.conversation(sender))
	})
}

// Gone lets any process send what waits for a sender.
func (i inbox) Gone(ctx context.Context, sender string) error {
	return i.in.Reports.Report(ctx, func(ctx context.Context) error {
		return i.door.Presence.Gone(ctx, i.conversation(sender))
	})
}

func (i inbox) conversation(sender string) channels.Conversation {
	return channels.Conversation{Channel: i.in.Name, Sender: sender}
}

var _ instance.Inbox = inbox{}
