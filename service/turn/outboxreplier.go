package turn

import (
	"context"
	"fmt"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// outboxReplier is the Replier of a stored message: what the agent says is committed to the
// outbox before it may be sent.
type outboxReplier struct {
	committer committer

	in    *instance.Instance
	agent *agentInUse
	chain *chain // that the agent is of
	turn  journal.Turn
	// cancel ends the turn.
	cancel context.CancelCauseFunc
	parts  int // parts so far, which number them
	// live is the text in progress; nil where the channel shows none.
	live *liveText
	// shows says, once the agent is done, that something of the turn is shown.
	shows bool
	// unfit says that the channel's Fit failed for a reply: it would fail again.
	unfit bool
	// leftBehind is closed when the call returns that was left behind; nil when none was.
	leftBehind chan struct{}
}

// keepPlace makes leftBehind, which release closes.
func (p *outboxReplier) keepPlace() (release func()) {
	p.leftBehind = make(chan struct{})
	return func() { close(p.leftBehind) }
}

// Live returns true: each reply leaves as it comes.
func (p *outboxReplier) Live() bool { return true }

// Reply commits one reply alone; the relay uses Replies.
func (p *outboxReplier) Reply(ctx context.Context, r channels.Reply) error {
	return p.Replies(ctx, []channels.Reply{r})
}

// Replies takes the parts of one reply of the agent, which are committed together. They
// complete the text in progress.
func (p *outboxReplier) Replies(ctx context.Context, rs []channels.Reply) error {
	if p.live != nil {
		return p.completeText(ctx, rs)
	}
	parts, err := p.partsOf(rs...)
	if err != nil {
		return p.cannotShow(err)
	}
	if len(parts) == 0 {
		return nil
	}
	return p.committer.add(ctx, p.step(parts, rs), func() {})
}

// step is one that has shown the parts of a reply.
func (p *outboxReplier) step(parts []channels.Part, rs []channels.Reply) journal.Step {
	return journal.Step{Parts: parts, Events: []channels.Event{replyEvent(&p.turn.Message, rs)}, Shown: true}
}

// cannotShow is the error of a reply for which the channel's Fit failed.
func (p *outboxReplier) cannotShow(err error) error {
	p.unfit = true
	return &channels.Error{
		Code: channels.CodeInternal, Message: fmt.Sprintf("channel %s cannot show the reply; the log tells why", p.in.Name), Err: err,
	}
}

// partsOf makes the parts that the channel can send, numbered within the turn.
func (p *outboxReplier) partsOf(rs ...channels.Reply) ([]channels.Part, error) {
	return p.in.PartsOf(p.address(), rs, p.nextID)
}

// address is a part without its id and its reply.
func (p *outboxReplier) address() channels.Part {
	m := &p.turn.Message
	return channels.Part{Channel: p.in.Name, Type: p.in.Type.Name, Sender: m.Sender, Address: m.Address, MessageID: m.ID}
}

// nextID is the id of the turn's next part.
func (p *outboxReplier) nextID() string {
	id := partID(&p.turn, p.parts)
	p.parts++
	return id
}

// partID is the same for the same reply of the same message after a restart, and
// another one when a dead letter was put back: what was given up is sent anew.
func partID(t *journal.Turn, n int) string {
	return instance.PartID(t.Message.Conversation(), t.Message.ID, fmt.Sprintf("%d\x00%d", t.Row, n))
}

var (
	_ channels.Replier      = (*outboxReplier)(nil)
	_ channels.Live         = (*outboxReplier)(nil)
	_ channels.PartsReplier = (*outboxReplier)(nil)
)
