package remote

import (
	"context"
	"io"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// maxContent is how many bytes of attachments go with a message, for those without a URL: a
// service takes requests of 1 MiB.
const maxContent = 512 << 10

// requestOf converts a turn.
func (a *Agent) requestOf(ctx context.Context, t agents.Turn) *manyvoxv1.ReceiveStreamRequest {
	m := &t.Message
	req := &manyvoxv1.ReceiveStreamRequest{
		Channel: a.channel, Sender: a.sender.Fill(m.Conversation()), Message: m.Text, InputChannel: m.InputChannel,
		MetadataJson: string(m.Metadata), MessageId: m.ID,
	}
	left := int64(maxContent)
	for _, attachment := range m.Attachments {
		out := &manyvoxv1.Attachment{
			Type: attachment.Type, Url: attachment.URL, Mime: attachment.MIME, Name: attachment.Name, Size: attachment.Size,
		}
		if out.GetUrl() == "" && attachment.Ref != "" { // the ref is ours
			out.Content = contentOf(ctx, t, attachment, left)
			left -= int64(len(out.GetContent()))
		}
		req.Attachments = append(req.Attachments, out)
	}
	return req
}

// contentOf returns the bytes of an attachment, nil when there are more than limit or they cannot
// be read. The service then learns that there is one.
func contentOf(ctx context.Context, t agents.Turn, a channels.Attachment, limit int64) []byte {
	medium, err := t.Open(ctx, a)
	if err != nil {
		return nil
	}
	defer func() { _ = medium.Close() }()
	content, err := io.ReadAll(io.LimitReader(medium, limit+1))
	if err != nil || int64(len(content)) > limit {
		return nil
	}
	return content
}
