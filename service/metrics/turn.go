package metrics

import (
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Turn measures one turn. The zero value measures nothing. It is not for concurrent use.
type Turn struct {
	channel *Channel
	began   time.Time
	spoken  bool
}

// Turn returns the measurement of a turn that begins now.
func (c *Channel) Turn() Turn { return Turn{channel: c, began: time.Now()} }

// Said counts what the agent gives: replies of one kind each, or none, which is a piece
// of a reply.
func (t *Turn) Said(replies ...channels.Reply) {
	if t.channel == nil {
		return
	}
	if !t.spoken {
		t.spoken = true
		t.channel.times.firstReply.Observe(time.Since(t.began).Seconds())
	}
	for i := range replies {
		t.channel.replies[replies[i].Kind()].Inc()
	}
}

// End counts the turn, which has shown so many replies.
func (t *Turn) End(replies int, err error) {
	c := t.channel
	switch {
	case err != nil:
		c.turns.WithLabelValues(channels.AsError(err).Code.String()).Inc()
	case replies == 0:
		c.turns.WithLabelValues("silent").Inc()
	default:
		c.answered.Inc()
	}
	c.times.turn.Observe(time.Since(t.began).Seconds())
}
