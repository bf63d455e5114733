package telegram

import (
	"cmp"
	"errors"
	"regexp"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// Config is the block "telegram:". Its keys up to WebhookURL are Rasa's.
type Config struct {
	// AccessToken is the bot's token, as @BotFather gives it. Required.
	AccessToken channels.Secret `yaml:"access_token"`
	// Verify is the bot's username, with or without @. With several replicas set it: only the
	// one that polls, or has set the webhook, asks Telegram. Default what Telegram says.
	Verify string `yaml:"verify"`
	// WebhookURL is where Telegram delivers: the public address of
	// /webhooks/<name>/webhook. Default none: the updates are fetched by long polling.
	WebhookURL string `yaml:"webhook_url"`
	// SecretToken is what Telegram shows with each delivery: 1 to 256 of A-Z, a-z, 0-9, _ and -.
	// Default one that is derived from AccessToken, so that all replicas know the same.
	SecretToken channels.Secret `yaml:"secret_token"`
	// APIBaseURL is the Bot API: a server of your own, or a fake. Such a server must run without
	// --local, or files cannot be fetched. Default https://api.telegram.org.
	APIBaseURL string `yaml:"api_base_url"`
	// Groups says which messages of a group are answered: "addressed" are those that mention
	// the bot, answer it or are a command; "all"; "none". Default addressed.
	Groups channels.Groups `yaml:"groups"`
	// EditedMessages has a message that its writer has edited answered again, as Rasa does.
	// Default false.
	EditedMessages bool `yaml:"edited_messages"`
	// Streaming is how a reply grows: "draft" is a preview in private chats and an edited
	// message in groups, "edit" an edited message everywhere, "off" not at all. Default draft.
	Streaming string `yaml:"streaming"`
}

// The values of Streaming.
const (
	streamDraft = "draft"
	streamEdit  = "edit"
	streamOff   = "off"
)

func newConfig() *Config {
	return &Config{APIBaseURL: "https://api.telegram.org", Groups: channels.GroupsAddressed, Streaming: streamDraft}
}

// secretToken is what Telegram takes as a secret_token.
// https://core.telegram.org/bots/api#setwebhook
var secretToken = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// Validate names every key that cannot be used.
func (c *Config) Validate() error {
	return errors.Join(
		channels.Check(c.AccessToken != "", "access_token", "required: the token that @BotFather gives, such as 123456:ABC-DEF"),
		channels.Check(!strings.ContainsAny(c.AccessToken.Reveal(), "/?#% \t\r\n"), "access_token", "expected a token such as 123456:ABC-DEF"),
		channels.Check(c.WebhookURL == "" || channels.IsAddress(c.WebhookURL), "webhook_url",
			"expected an address such as https://bot.example.com/webhooks/telegram/webhook"),
		channels.Check(channels.IsAddress(c.APIBaseURL), "api_base_url", "expected an address such as https://api.telegram.org"),
		channels.Check(secretToken.MatchString(c.secret().Reveal()), "secret_token", "expected 1 to 256 of A-Z, a-z, 0-9, _ and -"),
		channels.OneOf("streaming", c.Streaming, streamDraft, streamEdit, streamOff))
}

// secret returns what Telegram shows with each delivery. A derived one tells nothing of the
// token, and is the same in every replica.
func (c *Config) secret() channels.Secret {
	return cmp.Or(c.SecretToken, c.AccessToken.Derive("manyvox webhook secret of telegram"))
}

// base is the address of the Bot API, without a slash at its end.
func (c *Config) base() string { return strings.TrimSuffix(c.APIBaseURL, "/") }

// botID returns the bot's id, which is the number in its token; 0 when there is none.
func (c *Config) botID() int64 {
	number, _, _ := strings.Cut(c.AccessToken.Reveal(), ":")
	return parseID(number)
}

// Open makes the channel.
func (c *Config) Open(env channels.Env) (channels.Channel, error) {
	channel := newChannel(c, env)
	if c.Streaming == streamOff {
		return channel, nil
	}
	return streamer{channel}, nil
}

var _ channels.Config = (*Config)(nil)
