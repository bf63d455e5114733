package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// liveType is a channel whose replies grow on a livePlatform, at a URL.
func liveType() channels.Type {
	return channels.Type{Name: "live", New: func() channels.Config { return &liveConfig{client: &http.Client{}} }}
}

type liveConfig struct {
	URL string `yaml:"url"`
	// Child is the number of the process.
	Child string `yaml:"child"`
	// Max is Limits.Live.Max.
	Max    int `yaml:"max"`
	client *http.Client
}

func (*liveConfig) Validate() error { return nil }

func (c *liveConfig) Open(channels.Env) (channels.Channel, error) { return c.channel(), nil }

func (c *liveConfig) channel() *liveChannel { return &liveChannel{c} }

type liveChannel struct{ c *liveConfig }

// livePost is the body of a call.
type livePost struct {
	Part, Sender, Message, Text, Piece string
}

func (c *liveChannel) Inbound(in channels.Inbox) http.Handler {
	return channels.Webhook{}.Handler(func(w http.ResponseWriter, r *http.Request, m channels.Message) {
		if err := in.Post(r.Context(), m); err != nil {
			channels.WriteError(w, err)
			return
		}
		_, _ = io.WriteString(w, "ok")
	})
}

func (c *liveChannel) Limits() channels.Limits {
	return channels.Limits{Live: channels.LiveLimits{Max: c.c.Max}}
}

// post makes one call of the platform.
func (c *liveChannel) post(ctx context.Context, call string, p channels.Part, r channels.Receipt, piece string) (channels.Receipt, error) {
	body, err := json.Marshal(livePost{p.ID, p.Sender, r.ID, p.Reply.Text, piece})
	if err != nil {
		return r, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.c.URL+"/"+call, bytes.NewReader(body))
	if err != nil {
		return r, err
	}
	req.Header.Set("X-Child", c.c.Child)
	res, err := c.c.client.Do(req)
	if err != nil {
		return r, err
	}
	defer res.Body.Close()
	id, err := io.ReadAll(res.Body)
	if err != nil {
		return r, err
	}
	return channels.Receipt{ID: string(id), Time: time.Now()}, channels.CheckResponse(res)
}

func (c *liveChannel) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	return c.post(ctx, "send", p, channels.Receipt{}, "")
}

func (c *liveChannel) Open(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	return c.post(ctx, "open", p, channels.Receipt{}, "")
}

func (c *liveChannel) Append(ctx context.Context, p channels.Part, r channels.Receipt, piece string) error {
	_, err := c.post(ctx, "append", p, r, piece)
	return err
}

func (c *liveChannel) Close(ctx context.Context, p channels.Part, r channels.Receipt, piece string) (channels.Receipt, error) {
	return c.post(ctx, "close", p, r, piece)
}

// liveText is what the agent answers to the message of a text: 20 words with it in front.
func liveText(message string) string {
	text := message
	for _, word := range bytes.Split([]byte("a b c d e f g h i j k l m n o p q r s"), []byte(" ")) {
		text += " " + message + string(word)
	}
	return text
}

// wordsType is an agent that says liveText in pieces.
func wordsType() agents.Type {
	return agents.Type{Name: "words", New: func() agents.Config { return &wordsConfig{} }}
}

type wordsConfig struct{}

func (*wordsConfig) Validate() error { return nil }

func (*wordsConfig) Open(agents.Env) (agents.Agent, error) { return wordsAgent{}, nil }

type wordsAgent struct{}

func (wordsAgent) Answer(ctx context.Context, t agents.Turn, r channels.Replier) error {
	text := liveText(t.Message.Text)
	for rest := text; rest != ""; {
		n := min(len(rest), 8)
		if err := r.Delta(ctx, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
		select {
		case <-time.After(3 * time.Millisecond): // as a model takes
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return r.Reply(ctx, channels.Reply{Text: text})
}

var _ channels.Streamer = (*liveChannel)(nil)
