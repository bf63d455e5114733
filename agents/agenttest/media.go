package agenttest

import (
	"context"
	"io"
	"strings"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// Media are the media of a turn, by their refs: the value of agents.Turn.Media for agents
// that open attachments.
type Media map[string]string

// Open returns the medium that the attachment's ref names.
func (m Media) Open(ctx context.Context, a channels.Attachment) (channels.Medium, error) {
	content, ok := m[a.Ref]
	switch {
	case ctx.Err() != nil:
		return channels.Medium{}, channels.AsError(ctx.Err())
	case !ok:
		return channels.Medium{}, channels.Errorf(channels.CodeNotFound, "the medium is not kept any more")
	}
	return channels.Medium{
		ReadCloser: io.NopCloser(strings.NewReader(content)), MIME: a.MIME, Name: a.Name, Size: int64(len(content)),
	}, nil
}

var _ agents.Media = Media(nil)
