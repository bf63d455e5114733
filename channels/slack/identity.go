package slack

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// identity is who the token belongs to. The token of an organisation is that of all its
// workspaces. https://docs.slack.dev/reference/methods/auth.test
type identity struct {
	Team       string `json:"team_id"`
	TeamName   string `json:"team"`
	User       string `json:"user_id"`
	UserName   string `json:"user"`
	Enterprise bool   `json:"is_enterprise_install"`
}

// isForeign reports whether a workspace is not ours: the token is of no use there.
func (c *Channel) isForeign(team string) bool {
	ours := c.config.Team
	if me := c.me.Load(); ours == "" && !me.Enterprise {
		ours = me.Team
	}
	return ours != "" && team != "" && team != ours
}

// learn asks who we are.
func (c *Channel) learn(ctx context.Context) error {
	me, _, err := c.whoAmI(ctx)
	if err == nil {
		c.me.Store(&me)
		c.log.Info("connected to Slack", "bot", me.UserName, "workspace", me.TeamName)
	}
	return err
}

// whoAmI asks who we are, and which scopes the token has: nil where Slack names none.
func (c *Channel) whoAmI(ctx context.Context) (me identity, scopes []string, err error) {
	header, err := c.api.ask(ctx, "auth.test", nil, &me)
	if err == nil && c.config.Team != "" && c.config.Team != me.Team && !me.Enterprise {
		err = channels.Rejected(fmt.Sprintf("team is %q, and slack_token is of %q: one of them is wrong", c.config.Team, me.Team))
	}
	if err != nil {
		err = fmt.Errorf("auth.test: %w", err)
	}
	return me, strings.FieldsFunc(header.Get("X-Oauth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' }), err
}

// Probe asks Slack who we are, and names the scopes that are missing.
func (c *Channel) Probe(ctx context.Context) (string, error) {
	me, scopes, err := c.whoAmI(ctx)
	if err != nil {
		return "", err
	}
	say := []string{"@" + me.UserName + " in " + cmp.Or(me.TeamName, me.Team) + " (" + me.Team + ")", "events are posted to the webhook"}
	if c.config.AppToken != "" {
		if _, err := c.app.ask(ctx, "apps.connections.open", nil, nil); err != nil {
			return "", fmt.Errorf("app_token: apps.connections.open: %w", err)
		}
		say[1] = "events are fetched by Socket Mode"
	}
	for _, scope := range [][2]string{
		{"chat:write", "replies"}, {"im:history", "private messages"}, {"app_mentions:read", "mentions"},
		{"files:read", "files of users"}, {"files:write", "files of replies"},
	} {
		if scopes != nil && !slices.Contains(scopes, scope[0]) {
			say = append(say, "the scope "+scope[0]+" is missing, for "+scope[1])
		}
	}
	return strings.Join(say, "; "), nil
}
