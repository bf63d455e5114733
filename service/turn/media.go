package turn

import (
	"context"
	"slices"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// Media has the bytes of attachments.
type Media interface {
	// Open returns the bytes of an attachment of one of the channel's messages.
	Open(ctx context.Context, in *instance.Instance, a channels.Attachment) (channels.Medium, error)
	// Link returns the URL at which an attachment with a ref is read from outside during one
	// attempt, "" for none.
	Link(in *instance.Instance, a channels.Attachment) string
	// Release deletes what is stored of a message that is answered.
	Release(ctx context.Context, m *channels.Message)
}

// withLinks returns the message as the agent gets it: with the links of this attempt.
func (x *Executor) withLinks(r *relay) channels.Message {
	m := *r.m
	for i, a := range r.m.Attachments {
		if a.Ref == "" {
			continue
		}
		link := x.Media.Link(r.in, a)
		if link == "" {
			continue
		}
		if &m.Attachments[0] == &r.m.Attachments[0] {
			m.Attachments = slices.Clone(m.Attachments) // the other attempts have theirs
		}
		m.Attachments[i].URL = link
	}
	return m
}

// Open is agents.Media's.
func (h *history) Open(ctx context.Context, a channels.Attachment) (channels.Medium, error) {
	return h.media.Open(ctx, h.relay.in, a)
}

// noMedia has none.
type noMedia struct{}

func (noMedia) Open(context.Context, *instance.Instance, channels.Attachment) (channels.Medium, error) {
	return agents.Turn{}.Open(context.Background(), channels.Attachment{})
}

func (noMedia) Link(*instance.Instance, channels.Attachment) string { return "" }

func (noMedia) Release(context.Context, *channels.Message) {}

var _ agents.Media = (*history)(nil)
