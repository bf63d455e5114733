package delivery

import (
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// markDoubtful says, before a call is made for a part, that it may show what a program has shown
// that ended meanwhile: in the log and in a metric, once for each claim.
func (d *Deliverer) markDoubtful(in *instance.Instance, p *journal.Delivery) {
	if !p.Doubtful {
		return
	}
	p.Doubtful = false
	in.Metrics.Repeated()
	d.log.Warn("part may be shown twice: a program that ended may have sent it", "channel", in.Name, "part", p.Part.ID,
		"conversation", instance.ConversationHash(p.Part.Conversation()), "message_id", p.Part.MessageID)
}
