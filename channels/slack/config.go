package slack

import (
	"errors"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// Config is the block "slack:". Its keys up to ConversationGranularity are Rasa's.
type Config struct {
	// SlackToken is the bot's token, xoxb-. Required.
	SlackToken channels.Secret `yaml:"slack_token"`
	// SlackSigningSecret proves that a request is Slack's. Required without app_token.
	SlackSigningSecret channels.Secret `yaml:"slack_signing_secret"`
	// SlackChannel is the id of a channel in which every message is answered, and to which goes
	// what is said to somebody who has not written yet. Default none.
	SlackChannel string `yaml:"slack_channel"`
	// Proxy is the HTTP proxy for all calls. Default that of the environment.
	Proxy string `yaml:"proxy"`
	// RetryReasonHeader is taken and has no effect: see errors_ignore_retry. Default
	// x-slack-retry-reason.
	RetryReasonHeader string `yaml:"slack_retry_reason_header"`
	// RetryNumberHeader is taken and has no effect: see errors_ignore_retry. Default
	// x-slack-retry-num.
	RetryNumberHeader string `yaml:"slack_retry_number_header"`
	// ErrorsIgnoreRetry is taken and has no effect: what Slack delivers again is known by its ids,
	// and answered if the first delivery was lost. Default http_timeout.
	ErrorsIgnoreRetry []string `yaml:"errors_ignore_retry"`
	// UseThreads has replies go to the thread of the message. Default false.
	UseThreads bool `yaml:"use_threads"`
	// ConversationGranularity says what one conversation is: a "sender", a sender in a
	// "channel", or a sender in a "thread". Default sender.
	ConversationGranularity string `yaml:"conversation_granularity"`

	// AppToken is the app's own token, xapp-. With it the events are fetched by Socket Mode.
	// Default none.
	AppToken channels.Secret `yaml:"app_token"`
	// Team is the id of the workspace whose events alone are answered. Default that of
	// slack_token.
	Team string `yaml:"team"`
	// APIBaseURL is the Web API. Default https://slack.com/api.
	APIBaseURL string `yaml:"api_base_url"`
	// AsUser adds as_user and type to calls, as Rasa does. Slack's newer apps need neither.
	// Default false.
	AsUser bool `yaml:"as_user"`
	// EditedMessages has a message that its writer has edited answered again. Default false.
	EditedMessages bool `yaml:"edited_messages"`
	// Streaming is how a reply grows: "stream" by Slack's own streams in threads and by edits
	// elsewhere, "edit" by edits, "off" not at all. Default stream.
	Streaming string `yaml:"streaming"`
}

// The values of ConversationGranularity and Streaming.
const (
	perSender  = "sender"
	perChannel = "channel"
	perThread  = "thread"

	streamStream = "stream"
	streamEdit   = "edit"
	streamOff    = "off"
)

func newConfig() *Config {
	return &Config{
		RetryReasonHeader: "x-slack-retry-reason", RetryNumberHeader: "x-slack-retry-num",
		ErrorsIgnoreRetry: []string{"http_timeout"}, ConversationGranularity: perSender,
		APIBaseURL: "https://slack.com/api", Streaming: streamStream,
	}
}

// Validate names every key that cannot be used.
func (c *Config) Validate() error {
	isToken := func(s channels.Secret) bool { return !strings.ContainsAny(s.Reveal(), " \t\r\n") }
	return errors.Join(
		channels.Check(c.SlackToken != "", "slack_token", "required: the bot's token, xoxb-..., from the app's page OAuth & Permissions"),
		channels.Check(c.SlackSigningSecret != "" || c.AppToken != "", "slack_signing_secret",
			"required: the app's page Basic Information has it. Or give app_token, xapp-..., to have events without a public address"),
		channels.Check(isToken(c.SlackToken), "slack_token", "expected a token, which has no white space"),
		channels.Check(isToken(c.AppToken), "app_token", "expected a token, which has no white space"),
		channels.Check(c.Proxy == "" || channels.IsAddress(c.Proxy), "proxy", "expected an address such as http://proxy.example:3128"),
		channels.Check(channels.IsAddress(c.APIBaseURL), "api_base_url", "expected an address such as https://slack.com/api"),
		channels.OneOf("conversation_granularity", c.ConversationGranularity, perSender, perChannel, perThread),
		channels.OneOf("streaming", c.Streaming, streamStream, streamEdit, streamOff))
}

// Open makes the channel.
func (c *Config) Open(env channels.Env) (channels.Channel, error) {
	channel := newChannel(c, env)
	if c.Streaming == streamOff {
		return channel, nil
	}
	return newStreamer(channel), nil
}

var _ channels.Config = (*Config)(nil)
