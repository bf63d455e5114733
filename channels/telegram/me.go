package telegram

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// me is the bot as Telegram knows it.
type me struct {
	Username string `json:"username"`
	ReadsAll bool   `json:"can_read_all_group_messages"`
}

// getMe asks who we are. IsVerified reports whether the key verify, if it is set, is the bot's name.
func (c *Channel) getMe(ctx context.Context) (m me, isVerified bool, err error) {
	err = c.ask(ctx, "getMe", nil, &m)
	if err == nil && m.Username == "" {
		err = errors.New("getMe: the answer names no bot: is api_base_url that of the Bot API?")
	}
	verify := strings.TrimPrefix(c.config.Verify, "@")
	return m, verify == "" || strings.EqualFold(verify, m.Username), err
}

// learnName asks for the bot's username. What Telegram says beats the key verify.
func (c *Channel) learnName(ctx context.Context) error {
	m, isVerified, err := c.getMe(ctx)
	if err != nil {
		return err
	}
	if !isVerified {
		c.log.Warn("verify names another bot than access_token", "verify", c.config.Verify, "bot", m.Username)
	}
	c.username.Store(&m.Username)
	return nil
}

// knownName is the bot's username, "" while it is not known.
func (c *Channel) knownName() string {
	if name := c.username.Load(); name != nil {
		return *name
	}
	return strings.TrimPrefix(c.config.Verify, "@")
}

// setWebhook has Telegram deliver to webhook_url, and asks who we are. Without webhook_url it would
// end the polling.
func (c *Channel) setWebhook(ctx context.Context) error {
	if c.config.WebhookURL == "" {
		return errors.New("webhook_url is not set")
	}
	err := c.ask(ctx, "setWebhook", params{
		"url": c.config.WebhookURL, "secret_token": c.secret.Reveal(), "allowed_updates": allowedUpdates(),
	}, nil)
	return errors.Join(err, c.learnName(ctx))
}

// webhookInfo is what Telegram knows of the webhook.
// https://core.telegram.org/bots/api#webhookinfo
type webhookInfo struct {
	URL       string `json:"url"`
	Pending   int    `json:"pending_update_count"`
	LastError string `json:"last_error_message"`
}

// Probe asks Telegram who we are, and whether it delivers.
func (c *Channel) Probe(ctx context.Context) (string, error) {
	m, isVerified, err := c.getMe(ctx)
	switch {
	case err != nil:
		return "", err
	case !isVerified:
		return "", fmt.Errorf("verify is %q, and access_token is that of @%s: one of them is wrong", c.config.Verify, m.Username)
	}
	var info webhookInfo
	if err := c.ask(ctx, "getWebhookInfo", nil, &info); err != nil {
		return "", err
	}
	return c.describe(m, info), nil
}

// describe says in a few words who we are and what is unusual.
func (c *Channel) describe(m me, info webhookInfo) string {
	say := []string{"@" + m.Username}
	switch {
	case c.config.WebhookURL == "" && info.URL != "":
		say = append(say, "a webhook is set at "+channels.HostOf(info.URL)+" and will be taken away, since updates are to be fetched by long polling")
	case c.config.WebhookURL == "":
		say = append(say, "updates are fetched by long polling")
	case info.URL != c.config.WebhookURL:
		say = append(say, "the webhook is not set yet: the start sets it")
	default:
		say = append(say, "the webhook is set")
	}
	if info.Pending > 0 {
		say = append(say, fmt.Sprintf("%d updates wait", info.Pending))
	}
	if info.URL != "" && info.LastError != "" {
		say = append(say, "the last delivery failed: "+info.LastError)
	}
	if !m.ReadsAll && c.config.Groups == channels.GroupsAll {
		say = append(say, "groups is all, but the privacy mode is on: Telegram tells the bot only what is addressed to it")
	}
	return strings.Join(say, "; ")
}
