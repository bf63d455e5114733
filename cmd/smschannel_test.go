package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// smsType is a channel without buttons, which sends to an smsPlatform at a URL.
func smsType() channels.Type {
	return channels.Type{Name: "sms", New: func() channels.Config { return &smsConfig{} }}
}

type smsConfig struct {
	URL string `yaml:"url"`
	// Child is the number of the process.
	Child string `yaml:"child"`
}

func (*smsConfig) Validate() error { return nil }

func (c *smsConfig) Open(channels.Env) (channels.Channel, error) { return &smsChannel{c}, nil }

type smsChannel struct{ c *smsConfig }

// sms is the body of a call. Message is the id of the message that it answers.
type sms struct {
	Part, Sender, Message, Text, Image string
}

func (*smsChannel) Inbound(in channels.Inbox) http.Handler {
	return channels.Webhook{}.Handler(func(w http.ResponseWriter, r *http.Request, m channels.Message) {
		if err := in.Post(r.Context(), m); err != nil {
			channels.WriteError(w, err)
			return
		}
		_, _ = io.WriteString(w, "ok")
	})
}

func (*smsChannel) Fit(p channels.Part) []channels.Part {
	return []channels.Part{channels.ListChoices(p)}
}

func (*smsChannel) Chooses() bool { return true }

func (c *smsChannel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	m := sms{Part: p.ID, Sender: p.Sender, Message: p.MessageID, Text: p.Reply.Text, Image: p.Reply.Image}
	return channels.Receipt{ID: p.ID, Time: time.Now()}, postSMS(ctx, c.c.URL+"/send", c.c.Child, m)
}

// postSMS makes one call of the platform.
func postSMS(ctx context.Context, url, child string, m sms) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-Child", child)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return channels.CheckResponse(res)
}

var _ channels.Chooser = (*smsChannel)(nil)
