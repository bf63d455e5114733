package rpc

import (
	"encoding/json"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// request is what ReceiveRequest and ReceiveStreamRequest have in common.
type request interface {
	GetChannel() string
	GetSender() string
	GetMessage() string
	GetInputChannel() string
	GetMetadata() *structpb.Struct
	GetMetadataJson() string
	GetMessageId() string
	GetAttachments() []*manyvoxv1.Attachment
}

// messageOf converts an RPC's request.
func messageOf(req request) (channels.Message, error) {
	m := channels.Message{
		Sender:       req.GetSender(),
		Text:         req.GetMessage(),
		InputChannel: req.GetInputChannel(),
		ID:           req.GetMessageId(),
	}
	for _, a := range req.GetAttachments() {
		m.Attachments = append(m.Attachments, channels.Attachment{
			Type: a.GetType(), URL: a.GetUrl(), Ref: a.GetRef(), MIME: a.GetMime(), Name: a.GetName(), Size: a.GetSize(),
			Content: a.GetContent(),
		})
	}
	var err error
	m.Metadata, err = metadataOf(req)
	return m, err
}

// metadataOf returns the metadata as JSON. The field metadata_json wins, since a Struct
// has only doubles: an integer above 2^53 would change in it.
func metadataOf(req request) (json.RawMessage, error) {
	if text := req.GetMetadataJson(); text != "" {
		if !json.Valid([]byte(text)) {
			return nil, channels.InvalidField("metadata_json", "not JSON")
		}
		return json.RawMessage(text), nil
	}
	if req.GetMetadata() == nil {
		return nil, nil
	}
	b, err := appendStruct(nil, req.GetMetadata())
	if err != nil {
		return nil, channels.InvalidField("metadata", "%v", err)
	}
	return b, nil
}
