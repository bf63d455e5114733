package slack

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Type lists the channel.
func Type() channels.Type {
	return channels.Type{
		Name:     "slack",
		Aliases:  []string{"rasa.core.channels.slack.SlackInput"},
		Takes:    []channels.Kind{channels.KindText, channels.KindButtons, channels.KindAttachment},
		Replicas: true,
		Example:  "slack_token: xoxb-123\nslack_signing_secret: 8f742231b10e8888abcd99yyyzzz85a5",
		New:      func() channels.Config { return newConfig() },
	}
}

// Channel is an app in a workspace.
type Channel struct {
	config *Config
	log    *slog.Logger
	record func(context.Context, channels.Exchange)
	// api calls as the bot, app as the app itself. Named calls the addresses that Slack names, and
	// socket is how those for events are opened.
	api, app *api
	named    channels.API
	socket   channels.ClientConfig
	files    *channels.Downloader
	// me is who we are, empty while that is not known. Silent says that Slack shows no status.
	me     atomic.Pointer[identity]
	silent atomic.Bool
}

func newChannel(c *Config, env channels.Env) *Channel {
	how := channels.ClientConfig{Timeout: time.Minute, Proxy: channels.ParseProxy(c.Proxy), Dial: env.Dial} // uploads take longest
	client := env.Client(how)
	hidden := how
	hidden.HidePath = true
	channel := &Channel{
		config: c, log: env.Log, record: env.Record, socket: how,
		api: newAPI(c, c.SlackToken, client), app: newAPI(c, c.AppToken, client),
		named: channels.API{Client: env.Client(hidden)},
		files: channels.NewDownloader(env.Dial).Through(how.Proxy), // checkNamed looks at the hosts
	}
	channel.me.Store(&identity{})
	return channel
}

// Signed reports true: what comes by webhook is signed, and a socket is opened by our token.
func (c *Channel) Signed() bool { return true }

// Limits are those of chat.postMessage: one a second in a channel, of which a few may come at
// once, and several hundred a minute in a workspace. Streams end at about 10,000 bytes and 300
// seconds. https://docs.slack.dev/apis/web-api/rate-limits
func (c *Channel) Limits() channels.Limits {
	return channels.Limits{
		Channel: channels.Rate{Count: 5, Per: time.Second, Burst: 10},
		Key:     channels.Rate{Count: 1, Per: time.Second, Burst: 2},
		Edit:    channels.Rate{Count: 1, Per: time.Second},
		Live:    channels.LiveLimits{Max: 9000, Unit: channels.UnitBytes, For: 240 * time.Second},
	}
}

// Typing shows "is thinking…" in a thread for two minutes, or until the answer. Where Slack refuses
// that, as it does to apps that are no assistants, it is not asked again.
// https://docs.slack.dev/reference/methods/assistant.threads.setStatus
func (c *Channel) Typing(ctx context.Context, m channels.Message) error {
	to := addressOf(&channels.Part{Address: m.Address, Sender: m.Sender})
	if to.thread == "" || c.silent.Load() {
		return nil
	}
	err := c.api.call(ctx, "assistant.threads.setStatus", params{"channel_id": to.channel, "thread_ts": to.thread, "status": "is thinking…"}, nil)
	if class := channels.AsSendError(err).Class; err != nil && (class == channels.SendRejected || class == channels.SendUnauthorized) {
		c.silent.Store(true)
	}
	return err
}

var (
	_ channels.Channel   = (*Channel)(nil)
	_ channels.Sender    = (*Channel)(nil)
	_ channels.Addresser = (*Channel)(nil)
	_ channels.Chooser   = (*Channel)(nil)
	_ channels.Limited   = (*Channel)(nil)
	_ channels.Keyer     = (*Channel)(nil)
	_ channels.Typer     = (*Channel)(nil)
	_ channels.Media     = (*Channel)(nil)
	_ channels.Runner    = (*Channel)(nil)
	_ channels.Signed    = (*Channel)(nil)
	_ channels.Prober    = (*Channel)(nil)
)
