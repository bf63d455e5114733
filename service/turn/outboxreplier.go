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
	turn  journal.Turn
	// cancel ends the turn.
	cancel context.CancelCauseFunc
	parts  int // parts so far, which number them
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

// Replies takes the parts of one reply of the agent, which are committed together.
func (p *outboxReplier) Replies(ctx context.Context, rs []channels.Reply) error {
	parts, err := p.partsOf(rs...)
	if err != nil {
		p.unfit = true
		return &channels.Error{
			Code: channels.CodeInternal, Message: fmt.Sprintf("channel %s cannot show the reply; the log tells why", p.in.Name), Err: err,
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return p.committer.add(ctx, parts, replyEvent(&p.turn.Message, rs), func() {})
}

// Delta does nothing: a platform is sent complete replies.
func (p *outboxReplier) Delta(context.Context, string) error { return nil }

// partsOf makes the parts that the channel can send, numbered within the turn.
func (p *outboxReplier) partsOf(rs ...channels.Reply) ([]channels.Part, error) {
	to := channels.Part{Channel: p.in.Name, Sender: p.turn.Message.Sender, Address: p.turn.Message.Address}
	return p.in.PartsOf(to, rs, func() string {
		id := partID(&p.turn, p.parts)
		p.parts++
		return id
	})
}

// partID is the same for the same reply of the same message after a restart, and
// another one when a dead letter was put back: what was given up is sent anew.
func partID(t *journal.Turn, n int) string {
	return instance.PartID(t.Message.Conversation(), t.Message.ID, fmt.Sprintf("%d\x00%d", t.Row, n))
}

var (
	_ channels.Replier = (*outboxReplier)(nil)
	_ channels.Live    = (*outboxReplier)(nil)
	_ partsReplier     = (*outboxReplier)(nil)
)
