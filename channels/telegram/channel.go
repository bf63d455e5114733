package telegram

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Type lists the channel.
func Type() channels.Type {
	return channels.Type{
		Name:    "telegram",
		Aliases: []string{"rasa.core.channels.telegram.TelegramInput"},
		Takes:   []channels.Kind{channels.KindText, channels.KindButtons, channels.KindAttachment},
		Example: "access_token: 123456:ABC-DEF",
		New:     func() channels.Config { return newConfig() },
	}
}

// Channel is a bot.
type Channel struct {
	config *Config
	secret channels.Secret
	botID  int64
	log    *slog.Logger
	record func(context.Context, channels.Exchange)
	api    *api
	files  *channels.Downloader
	// username is the bot's, nil while it is not known.
	username atomic.Pointer[string]
	// edits spreads those of a text that grows in a group.
	edits *channels.Pace
	// written tells edits from other changes of a message.
	written *channels.Written
	// drafted is the message that is answered, by the id of the draft.
	drafted *channels.Recent[int64, string]
	// aliases knows the ids of groups that have moved. Inbound sets it.
	aliases channels.Aliaser
	webhook channels.Registration
}

func newChannel(c *Config, env channels.Env) *Channel {
	channel := &Channel{
		config: c, secret: c.secret(), botID: c.botID(), log: env.Log, record: env.Record,
		api: &api{token: c.AccessToken, API: channels.API{
			Base: c.base() + "/bot" + c.AccessToken.Reveal() + "/",
			Client: env.Client(channels.ClientConfig{Timeout: callTimeout, MaxResponse: maxUpdates, Record: func(ctx context.Context, e channels.Exchange) {
				if !strings.HasSuffix(e.Route, "/getUpdates") || e.Judge().Verdict == channels.VerdictFailed { // the polls would fill the log
					env.Record(ctx, e)
				}
			}}),
		}},
		// The files are at the address of the configuration; only their path is Telegram's.
		files: channels.NewDownloader(env.Dial), edits: channels.NewPace(groupEdits), written: channels.NewWritten(),
		drafted: channels.NewRecent[int64, string](10_000), aliases: channels.AliaserOf(nil),
	}
	channel.webhook.Log, channel.webhook.Register = env.Log, channel.setWebhook
	return channel
}

// groupEdits is between two edits in a group, which takes 20 messages a minute, edits among
// them. Some are left for what else is said.
const groupEdits = 4 * time.Second

// callTimeout bounds a call, uploads and polls included.
const callTimeout = time.Minute

// Signed reports true: what is delivered by webhook shows our secret, and what is polled
// comes from Telegram itself.
func (c *Channel) Signed() bool { return true }

// Missing tells what follows from keys that are not set.
func (c *Channel) Missing() []string {
	if c.config.WebhookURL == "" {
		return []string{"webhook_url (updates are fetched by long polling)"}
	}
	return nil
}

// Run keeps the webhook set, or fetches the updates where there is none.
func (c *Channel) Run(ctx context.Context, in channels.Inbox) error {
	if c.config.WebhookURL != "" {
		c.webhook.Keep(ctx)
		return nil
	}
	if err := c.poll(ctx, in); ctx.Err() == nil {
		return err
	}
	return nil
}

// Limits are what Telegram's FAQ tells bots to keep to: about one message a second in a chat,
// where bursts pass, and 30 in all, bursts included. Messages and edits count alike.
// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
func (c *Channel) Limits() channels.Limits {
	return channels.Limits{
		Channel: channels.Rate{Count: 25, Per: time.Second, Burst: 5},
		Key:     channels.Rate{Count: 1, Per: time.Second, Burst: 5},
		Edit:    channels.Rate{Count: 1, Per: time.Second},
		// Less than maxText, since the tags of Markdown count where a text is cut.
		Live: channels.LiveLimits{Max: 3500, Unit: channels.UnitUTF16, Refresh: 20 * time.Second}, // a draft shows for 30 s
	}
}

// RateKey returns the chat: all topics of a forum count as one.
func (c *Channel) RateKey(p channels.Part) string {
	chat, _ := splitSender(p.Sender)
	return chat
}

// Typing shows "typing…" for 5 seconds.
func (c *Channel) Typing(ctx context.Context, m channels.Message) error {
	return c.call(ctx, m.Sender, "sendChatAction", params{"action": "typing"}, nil)
}

var (
	_ channels.Channel    = (*Channel)(nil)
	_ channels.Sender     = (*Channel)(nil)
	_ channels.Addresser  = (*Channel)(nil)
	_ channels.Chooser    = (*Channel)(nil)
	_ channels.Limited    = (*Channel)(nil)
	_ channels.Keyer      = (*Channel)(nil)
	_ channels.Typer      = (*Channel)(nil)
	_ channels.Media      = (*Channel)(nil)
	_ channels.Runner     = (*Channel)(nil)
	_ channels.Signed     = (*Channel)(nil)
	_ channels.Incomplete = (*Channel)(nil)
	_ channels.Prober     = (*Channel)(nil)
)
