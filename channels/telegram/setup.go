package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// setupAgain is how soon /set_webhook calls Telegram again: anyone may ask for it.
const setupAgain = 10 * time.Second

// keepWebhook sets the webhook, however long that takes, and waits for the end of ctx. A
// platform that is down stops no start.
func (c *Channel) keepWebhook(ctx context.Context) {
	loop := channels.Loop{Log: c.log, Failed: "webhook not set"}
	if loop.Until(ctx, func(ctx context.Context) error { return errors.Join(c.learnName(ctx), c.setWebhook(ctx)) }) {
		c.log.Info("webhook set", "bot", c.knownName(), "url", c.config.WebhookURL)
		<-ctx.Done()
	}
}

func (c *Channel) setWebhook(ctx context.Context) error {
	_, err := c.ask(ctx, "setWebhook", params{
		"url": c.config.WebhookURL, "secret_token": c.secret.Reveal(), "allowed_updates": allowedUpdates(),
	})
	return err
}

// ask makes a call about the bot itself. Its error says what to do.
func (c *Channel) ask(ctx context.Context, method string, p params) (json.RawMessage, error) {
	result, err := c.api.call(ctx, method, p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, explain(err))
	}
	return result, nil
}

// setup is when /set_webhook was called last, and how that ended.
type setup struct {
	mu   sync.Mutex
	last time.Time
	err  error
}

// serveSetup is Rasa's route: it sets the webhook and says whether that worked.
func (c *Channel) serveSetup(w http.ResponseWriter, r *http.Request) {
	if !channels.AllowMethods(w, r, http.MethodGet, http.MethodPost) {
		return
	}
	c.setup.mu.Lock()
	if c.config.WebhookURL == "" { // it would end the polling
		c.setup.last, c.setup.err = time.Now(), errors.New("setWebhook: webhook_url is not set")
	}
	if time.Since(c.setup.last) >= setupAgain {
		c.setup.err = c.setWebhook(r.Context())
		c.setup.last = time.Now()
		if c.setup.err != nil {
			c.log.Error("webhook not set", "error", c.setup.err)
		}
	}
	err := c.setup.err
	c.setup.mu.Unlock()
	answer := "Webhook setup successful"
	if err != nil {
		answer = "Invalid webhook"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, answer) // a caller that is gone needs no answer
}

// me is the bot as Telegram knows it.
type me struct {
	ID        int64  `json:"id"`
	Username  string `json:"username"`
	ReadsAll  bool   `json:"can_read_all_group_messages"`
	JoinsSome bool   `json:"can_join_groups"`
}

func (c *Channel) getMe(ctx context.Context) (m me, err error) {
	result, err := c.ask(ctx, "getMe", nil)
	if err != nil {
		return m, err
	}
	if json.Unmarshal(result, &m) != nil || m.Username == "" {
		return m, errors.New("getMe: the answer names no bot: is api_base_url that of the Bot API?")
	}
	return m, nil
}

// learnName asks for the bot's username. What Telegram says beats the key verify.
func (c *Channel) learnName(ctx context.Context) error {
	m, err := c.getMe(ctx)
	if err != nil {
		return err
	}
	if !c.isVerified(m) {
		c.log.Warn("verify names another bot than access_token", "verify", c.config.Verify, "bot", m.Username)
	}
	c.username.Store(&m.Username)
	return nil
}

// isVerified reports whether the key verify, if it is set, is the bot's name.
func (c *Channel) isVerified(m me) bool {
	return c.config.Verify == "" || strings.EqualFold(strings.TrimPrefix(c.config.Verify, "@"), m.Username)
}

func (c *Channel) knownName() string {
	if name := c.username.Load(); name != nil {
		return *name
	}
	return ""
}

// explain says what to do about an error of Telegram's.
func explain(err error) error {
	var e *apiError
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Code == http.StatusUnauthorized || e.Code == http.StatusNotFound:
		return fmt.Errorf("access_token is not one that Telegram knows; @BotFather shows it: %w", err)
	case e.is("other getUpdates request"):
		return fmt.Errorf("another program fetches the updates of this bot, maybe a second Manyvox: "+
			"only one may; stop it, or give this one another bot: %w", err)
	case e.is("webhook is active"), e.is("terminated by setWebhook"):
		return fmt.Errorf("another program has set a webhook for this bot; it is taken away when this channel starts again: %w", err)
	case e.is("bad webhook"):
		return fmt.Errorf("webhook_url is not an address that Telegram delivers to: it wants https, "+
			"a public host and port 443, 80, 88 or 8443: %w", err)
	}
	return err
}
