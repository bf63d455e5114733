package instance

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/worker"
)

// mounted is what a channel has made of its inbox, once.
type mounted struct {
	inbox   lateInbox
	webhook http.Handler
	routes  []channels.Route
}

// Mount has the channel make its handlers; a panic of it becomes the error. Only the first
// call does something: Inbound and Mount of a channel are called exactly once. Messages get
// through once Connect was called.
func (c *Config) Mount() (err error) {
	if c.mounted != nil {
		return nil
	}
	defer worker.Recover(&err)
	c.mounted = &mounted{}
	c.mounted.webhook = c.Channel.Inbound(&c.mounted.inbox)
	if m, ok := c.Channel.(channels.Mounter); ok {
		c.mounted.routes = m.Mount(&c.mounted.inbox)
	}
	return nil
}

// IsKept reports whether two configs are of one open channel.
func (c *Config) IsKept(other *Config) bool { return c.mounted == other.mounted }

// At returns the config of the same open channel, whose block stands elsewhere now.
func (c *Config) At(block *config.Block) *Config {
	moved := *c
	moved.Block = block
	return &moved
}

// Webhook returns the handler of the channel's webhook, nil when it has none. The channel is
// mounted.
func (c *Config) Webhook() http.Handler { return c.mounted.webhook }

// Routes returns the routes of a mounted channel outside /webhooks.
func (c *Config) Routes() []channels.Route { return c.mounted.routes }

// Connect lets the messages of a mounted channel through to an inbox, which is a Waker, a
// Stopper and an Authorizer too.
func (c *Config) Connect(to Inbox) { c.mounted.inbox.to.Store(&to) }

// Path is where the channel's messages come in: its first route, or its webhook.
func (c *Config) Path() string {
	if len(c.Routes()) == 0 {
		return WebhooksPath + c.Name + "/webhook"
	}
	pattern := c.Routes()[0].Pattern // as in "GET example.com/path"
	return pattern[max(0, strings.Index(pattern, "/")):]
}

// Inbox is the door as a channel sees it.
type Inbox interface {
	channels.Inbox
	channels.Waker
	channels.Stopper
	channels.Authorizer
	channels.Aliaser
}

// lateInbox is the inbox that a channel is given before there is a door.
type lateInbox struct{ to atomic.Pointer[Inbox] }

// errNotConnected is for a channel that calls its inbox before it is served.
var errNotConnected = &channels.Error{
	Code: channels.CodeUnavailable, Message: "the channel is not in use yet", RetryAfter: RetryAfter,
}

func (l *lateInbox) inbox() (Inbox, error) {
	if to := l.to.Load(); to != nil {
		return *to, nil
	}
	return nil, errNotConnected
}

// Post stores messages to be answered later.
func (l *lateInbox) Post(ctx context.Context, ms ...channels.Message) error {
	to, err := l.inbox()
	if err != nil {
		return err
	}
	return to.Post(ctx, ms...)
}

// Ask has a message answered while its caller waits.
func (l *lateInbox) Ask(ctx context.Context, m channels.Message, r channels.Replier) error {
	to, err := l.inbox()
	if err != nil {
		return err
	}
	return to.Ask(ctx, m, r)
}

// Wake lets what waits for an absent sender leave, by this process.
func (l *lateInbox) Wake(ctx context.Context, sender string) error {
	to, err := l.inbox()
	if err != nil {
		return err
	}
	return to.Wake(ctx, sender)
}

// Gone lets any process send what waits for a sender.
func (l *lateInbox) Gone(ctx context.Context, sender string) error {
	to, err := l.inbox()
	if err != nil {
		return err
	}
	return to.Gone(ctx, sender)
}

// Stop ends the turn of a posted message that is under way.
func (l *lateInbox) Stop(ctx context.Context, sender, messageID string) error {
	to, err := l.inbox()
	if err != nil {
		return err
	}
	return to.Stop(ctx, sender, messageID)
}

// Authorize asks for the token that guards the channel.
func (l *lateInbox) Authorize(ctx context.Context, token string) (context.Context, error) {
	to, err := l.inbox()
	if err != nil {
		return ctx, err
	}
	return to.Authorize(ctx, token)
}

// Sender says that the ids are one sender's, and returns it.
func (l *lateInbox) Sender(ctx context.Context, ids ...string) (string, error) {
	to, err := l.inbox()
	if err != nil {
		return "", err
	}
	return to.Sender(ctx, ids...)
}

// Ids returns the ids of a sender.
func (l *lateInbox) Ids(ctx context.Context, sender string) ([]string, error) { //nolint:revive // the role's name
	to, err := l.inbox()
	if err != nil {
		return nil, err
	}
	return to.Ids(ctx, sender)
}

var _ Inbox = (*lateInbox)(nil)
