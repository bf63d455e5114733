package channeltest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// What the platform of messenger takes.
const (
	maxText    = 600 // in UTF-16 units
	maxButtons = 3
	maxPayload = 20
)

// messengerConfig is the block of messenger.
type messengerConfig struct {
	Key     channels.Secret `yaml:"key"`
	BaseURL string          `yaml:"base_url"`

	fault func(*messenger)
}

func (c *messengerConfig) Validate() error { return nil }

func (c *messengerConfig) Open(env channels.Env) (channels.Channel, error) {
	m := &messenger{
		config: c, client: env.Client(channels.ClientConfig{}), fit: fitMessenger, body: bodyOf, growing: growing,
		classed: func(err error) error { return err },
		context: func(ctx context.Context) context.Context { return ctx },
		address: func() string { return c.BaseURL },
		limits: channels.Limits{
			Key:  channels.Rate{Count: 2, Per: time.Second},
			Live: channels.LiveLimits{Max: 400, Unit: channels.UnitUTF16},
		},
	}
	c.fault(m)
	return m, nil
}

// messenger is a channel that does all that a Screen checks: for a platform that shows HTML.
// Each of its functions is what a fault may replace.
type messenger struct {
	config *messengerConfig
	client *channels.Client
	limits channels.Limits

	fit     func(channels.Part) []channels.Part
	growing func(channels.Part) channels.Part // shows a text that is not fitted yet
	body    func(channels.Part) call
	address func() string
	context func(context.Context) context.Context
	classed func(error) error
}

// call is a call of the platform.
type call struct {
	To      string            `json:"to"`
	Text    string            `json:"text,omitempty"`
	Adds    bool              `json:"adds,omitempty"`
	Buttons []channels.Button `json:"buttons,omitempty"`
	File    []byte            `json:"file,omitempty"`
}

// messengerType returns a type whose channels have a fault.
func messengerType(fault func(*messenger)) channels.Type {
	return channels.Type{Name: "messenger", Example: "key: k", New: func() channels.Config {
		return &messengerConfig{BaseURL: "https://messenger.example", fault: fault}
	}}
}

func (m *messenger) Inbound(in channels.Inbox) http.Handler { return channels.Webhook{}.Inbound(in) }

func (m *messenger) Chooses() bool { return true }

func (m *messenger) Limits() channels.Limits { return m.limits }

func (m *messenger) Fit(p channels.Part) []channels.Part { return m.fit(p) }

func (m *messenger) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	return channels.Receipt{ID: "1"}, m.post(ctx, p)
}

func (m *messenger) Open(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	return channels.Receipt{ID: "1"}, m.post(ctx, m.growing(p))
}

func (m *messenger) Append(ctx context.Context, p channels.Part, _ channels.Receipt, _ string) error {
	return m.post(ctx, m.growing(p))
}

func (m *messenger) Close(ctx context.Context, p channels.Part, r channels.Receipt, _ string) (channels.Receipt, error) {
	return r, m.post(ctx, p)
}

// growing renders a text that is not fitted yet.
func growing(p channels.Part) channels.Part {
	if p.Reply.Format == channels.FormatMarkdown {
		p.Reply.Text = markup.Render(markup.Telegram, p.Reply.Text)
	}
	return p
}

func fitText(p channels.Part, u channels.Unit) []channels.Part {
	return markup.Fit(p, markup.Telegram, markup.Limit{Max: maxText, Unit: u})
}

// fitMessenger cuts texts, and makes lists and choices of buttons that the platform does not take.
func fitMessenger(p channels.Part) (all []channels.Part) {
	for _, r := range channels.Collected(p.Reply) {
		one := p
		one.Reply = r
		buttons := append(r.Buttons, r.QuickReplies...)
		if len(buttons) > maxButtons {
			one = channels.ListChoices(one)
		} else if len(buttons) > 0 {
			one.Choices = one.Reply.Choices()
		}
		choices := one.Choices
		parts := fitText(one, channels.UnitUTF16)
		for i := range parts {
			if parts[i].Choices = nil; i == len(parts)-1 {
				parts[i].Choices = choices
			}
		}
		all = append(all, parts...)
	}
	return all
}

// bodyOf returns the call of a part.
func bodyOf(p channels.Part) call {
	c := call{To: p.Sender, Text: p.Reply.Text}
	for _, b := range append(p.Reply.Buttons, p.Reply.QuickReplies...) {
		back := b.Payload
		if len(back) > maxPayload {
			back = channels.ChoiceKey(back)
		}
		c.Buttons = append(c.Buttons, channels.Button{Title: b.Title, Payload: back})
	}
	if file, ok := p.Reply.AttachmentFile(); ok {
		p.Reply.Image = file.URL
	}
	if channels.IsDataURL(p.Reply.Image) {
		_, c.File, _ = channels.ReadDataURL(p.Reply.Image)
	}
	return c
}

func (m *messenger) post(ctx context.Context, p channels.Part) error {
	body, err := json.Marshal(m.body(p))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(m.context(ctx), http.MethodPost, m.address()+"/send?key="+m.config.Key.Reveal(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := m.client.Do(req)
	if err == nil {
		defer res.Body.Close()
		err = channels.CheckResponse(res)
	}
	if err != nil {
		return m.classed(err)
	}
	return nil
}

var (
	_ channels.Sender   = (*messenger)(nil)
	_ channels.Chooser  = (*messenger)(nil)
	_ channels.Limited  = (*messenger)(nil)
	_ channels.Streamer = (*messenger)(nil)
)
