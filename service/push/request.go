package push

import (
	"cmp"
	"encoding/json"

	"github.com/manyvox/manyvox/channels"
)

// request is what an agent posts.
type request struct {
	channel, sender, id string
	reply               channels.Reply
}

// parseRequest reads the body of a request whose signature is right. WebhookID is its id where
// the body has none. Its error names the field.
func parseRequest(body []byte, webhookID string) (*request, error) {
	b, err := channels.ParseBody(body)
	if err != nil {
		return nil, err
	}
	var r request
	if r.channel, _, err = b.Text("channel"); err != nil {
		return nil, err
	}
	if r.sender, _, err = b.Text("sender"); err != nil {
		return nil, err
	}
	if r.id, _, err = b.Text("id"); err != nil {
		return nil, err
	}
	r.id = cmp.Or(r.id, webhookID)
	switch {
	case r.channel == "":
		return nil, channels.InvalidField("channel", "required")
	case r.sender == "":
		return nil, channels.InvalidField("sender", "required")
	}
	r.reply, err = parseReply(b.Raw("reply"))
	return &r, err
}

// parseReply reads a reply as Rasa's REST channel writes it: its text has been cut already.
func parseReply(raw json.RawMessage) (r channels.Reply, err error) {
	if raw == nil {
		return r, channels.InvalidField("reply", "required")
	}
	if err := r.UnmarshalJSON(raw); err != nil {
		return r, channels.InvalidField("reply", "%v", err)
	}
	if err := r.Validate(); err != nil {
		return r, channels.InvalidField("reply", "%v", err)
	}
	r.Rendered = true
	return r, nil
}
