package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/manyvox/manyvox/channels"
)

// setWebhook has Telegram deliver to webhook_url, and asks who we are.
func (c *Channel) setWebhook(ctx context.Context) error {
	err := c.ask(ctx, "setWebhook", params{
		"url": c.config.WebhookURL, "secret_token": c.secret.Reveal(), "allowed_updates": allowedUpdates(),
	}, nil)
	return errors.Join(err, c.learnName(ctx))
}

// ask makes a call about the bot itself.
func (c *Channel) ask(ctx context.Context, method string, p params, result any) error {
	if err := c.api.call(ctx, method, p, result); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// serveSetup is Rasa's route: it sets the webhook and says whether that worked. Without
// webhook_url it would end the polling.
func (c *Channel) serveSetup(w http.ResponseWriter, r *http.Request) {
	if !channels.AllowMethods(w, r, http.MethodGet, http.MethodPost) {
		return
	}
	answer := "Webhook setup successful"
	if c.config.WebhookURL == "" || c.webhook.Again(r.Context()) != nil {
		answer = "Invalid webhook"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, answer) // a caller that is gone needs no answer
}
