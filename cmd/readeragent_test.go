package cmd_test

import (
	"context"
	"io"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// readerType is an agent that reads the attachments, shows an smsPlatform what it found at a
// URL, and then answers with that. An image ends each answer.
func readerType() agents.Type {
	return agents.Type{Name: "reader", New: func() agents.Config { return &readerConfig{} }}
}

type readerConfig struct {
	URL string `yaml:"url"`
	// Child is the number of the process.
	Child string `yaml:"child"`
}

func (*readerConfig) Validate() error { return nil }

func (c *readerConfig) Open(agents.Env) (agents.Agent, error) { return &readerAgent{c}, nil }

type readerAgent struct{ c *readerConfig }

func (a *readerAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	found := private
	for _, attachment := range t.Message.Attachments {
		content, err := readAttachment(ctx, t, attachment)
		if err != nil {
			return err
		}
		found += content
	}
	err := postSMS(ctx, a.c.URL+"/read", a.c.Child, sms{Sender: t.Message.Sender, Message: t.Message.ID, Text: found})
	if err != nil {
		return err
	}
	return r.Reply(ctx, channels.Reply{Text: found, Image: smsImage})
}

func readAttachment(ctx context.Context, t agents.Turn, a channels.Attachment) (string, error) {
	m, err := t.Open(ctx, a)
	if err != nil {
		return "", err
	}
	defer m.Close()
	content, err := io.ReadAll(m)
	return string(content), err
}
