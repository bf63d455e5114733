package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// webhookInfo is what Telegram knows of the webhook.
// https://core.telegram.org/bots/api#webhookinfo
type webhookInfo struct {
	URL       string `json:"url"`
	Pending   int    `json:"pending_update_count"`
	LastError string `json:"last_error_message"`
}

// Probe asks Telegram who we are, and whether it delivers.
func (c *Channel) Probe(ctx context.Context) (string, error) {
	m, err := c.getMe(ctx)
	if err != nil {
		return "", err
	}
	if !c.isVerified(m) {
		return "", fmt.Errorf("verify is %q, and access_token is that of @%s: one of them is wrong", c.config.Verify, m.Username)
	}
	result, err := c.ask(ctx, "getWebhookInfo", nil)
	if err != nil {
		return "", err
	}
	var info webhookInfo
	if err := json.Unmarshal(result, &info); err != nil {
		return "", fmt.Errorf("getWebhookInfo: the answer is none")
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
	if !m.ReadsAll && c.config.Groups == groupsAll {
		say = append(say, "groups is all, but the privacy mode is on: Telegram tells the bot only what is addressed to it")
	}
	return strings.Join(say, "; ")
}
