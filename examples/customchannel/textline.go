package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// TextlineType lists the channel.
func TextlineType() channels.Type {
	return channels.Type{
		Name: "textline", Example: "api_key: k", New: func() channels.Config {
			return &TextlineConfig{APIBaseURL: "https://api.textline.example"}
		},
	}
}

// TextlineConfig is the block "textline:" of credentials.yml.
type TextlineConfig struct {
	channels.Guard                 // the key token, which Textline must show us
	APIKey         channels.Secret `yaml:"api_key"` // which we show Textline
	APIBaseURL     string          `yaml:"api_base_url"`
}

// Validate reports a missing key.
func (c *TextlineConfig) Validate() error {
	if c.APIKey == "" {
		return errors.New("api_key is required")
	}
	return nil
}

// Open makes the channel. It calls nobody yet.
func (c *TextlineConfig) Open(env channels.Env) (channels.Channel, error) {
	return &Textline{c.Guard, *c, env.Client(channels.ClientConfig{})}, nil
}

// Textline is a channel for a platform of plain texts.
type Textline struct {
	channels.Guard
	Config TextlineConfig
	client *channels.Client
}

// Inbound answers Textline once its message is stored. The replies go out by Send.
func (t *Textline) Inbound(in channels.Inbox) http.Handler {
	return channels.Webhook{
		Sender: func(_ *http.Request, b channels.Body) (string, error) { return b.ID("from") },
	}.Handler(func(w http.ResponseWriter, r *http.Request, m channels.Message) {
		err := in.Post(r.Context(), m)
		if err != nil && !errors.Is(err, channels.ErrInvalid) {
			channels.WriteError(w, err) // 503 or 429: Textline sends it again
		} // what is invalid would be so again: it is acknowledged
	})
}

// longest is the longest text that Textline takes, in Unicode code points.
const longest = 1000

// Fit makes texts of what Textline lacks, and cuts them by its length.
func (t *Textline) Fit(p channels.Part) (parts []channels.Part) {
	for _, r := range channels.Collected(p.Reply) { // each card becomes a text with buttons
		one := p
		one.Reply = r
		one = channels.ListChoices(one) // buttons become a numbered list
		one.Reply.Text, one.Reply.Image = cmp.Or(one.Reply.Text, r.Image), ""
		if one.Reply.Text == "" {
			continue // what Textline cannot show
		}
		pieces := markup.Fit(one, markup.Plain, markup.Limit{Max: longest})
		for i := range pieces[:max(0, len(pieces)-1)] {
			pieces[i].Choices = nil // the last piece has them
		}
		parts = append(parts, pieces...)
	}
	return parts
}

// Chooses tells the service to look up what a number means that the user writes.
func (t *Textline) Chooses() bool { return true }

// Limits are Textline's: 20 calls a second, one a second to each user, twice that to a
// message that grows.
func (t *Textline) Limits() channels.Limits {
	second := func(n int) channels.Rate { return channels.Rate{Count: n, Per: time.Second} }
	return channels.Limits{
		Channel: second(20), Key: second(1), Edit: second(2),
		Live: channels.LiveLimits{Max: longest, For: 10 * time.Minute},
	}
}

// Send posts a message.
func (t *Textline) Send(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	return t.call(ctx, http.MethodPost, "/messages", p.ID, p)
}

// Open posts a message whose text is still growing. Its key is not that of Send, which posts
// the part once more where Close fails.
func (t *Textline) Open(ctx context.Context, p channels.Part) (channels.Receipt, error) {
	return t.call(ctx, http.MethodPost, "/messages", p.ID+"-live", p)
}

// Append replaces the message's text: Textline can't add to it, and p has the whole.
func (t *Textline) Append(ctx context.Context, p channels.Part, r channels.Receipt, _ string) error {
	_, err := t.call(ctx, http.MethodPut, "/messages/"+url.PathEscape(r.ID), "", p)
	return err
}

// Close sets the complete text. Nothing more follows.
func (t *Textline) Close(ctx context.Context, p channels.Part, r channels.Receipt, _ string) (channels.Receipt, error) {
	return r, t.Append(ctx, p, r, "")
}

// call makes one call. Textline does a call once that comes again with the same key, which is
// the same at each attempt. The class of the error says what became of the part.
func (t *Textline) call(ctx context.Context, method, path, key string, p channels.Part) (none channels.Receipt, err error) {
	body, err := channels.Marshal(map[string]string{"to": p.Sender, "text": p.Reply.Text})
	if err != nil {
		return none, &channels.SendError{Class: channels.SendRejected, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, method, t.Config.APIBaseURL+path, bytes.NewReader(body))
	if err != nil {
		return none, &channels.SendError{Class: channels.SendRejected, Err: err}
	}
	req.Header.Set("Authorization", "Bearer "+t.Config.APIKey.Reveal())
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := t.client.Do(req)
	if err != nil {
		return none, err // of class unavailable, or unknown_after_send
	}
	defer func() { _ = res.Body.Close() }()
	if err := channels.CheckResponse(res); err != nil { // 403 is gone, 429 throttled, 5xx unavailable ...
		e := channels.AsSendError(err)
		if res.StatusCode == http.StatusPaymentRequired { // Textline means our account
			e.Class, e.Scope = channels.SendUnauthorized, channels.ScopeChannel
		}
		return none, e
	}
	var sent struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(res.Body).Decode(&sent); err != nil {
		return none, &channels.SendError{Class: channels.SendUnknown, Err: errors.New("the answer is not JSON")}
	}
	return channels.Receipt{ID: sent.ID, Time: time.Now()}, nil
}

var (
	_ channels.Sender   = (*Textline)(nil)
	_ channels.Chooser  = (*Textline)(nil)
	_ channels.Limited  = (*Textline)(nil)
	_ channels.Streamer = (*Textline)(nil)
	_ channels.Guarded  = (*Textline)(nil)
)
