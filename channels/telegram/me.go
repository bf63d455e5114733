package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
)

// me is the bot as Telegram knows it.
type me struct {
	Username string `json:"username"`
	ReadsAll bool   `json:"can_read_all_group_messages"`
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

// knownName is the bot's username, "" while it is not known.
func (c *Channel) knownName() string {
	if name := c.username.Load(); name != nil {
		return *name
	}
	return strings.TrimPrefix(c.config.Verify, "@")
}
