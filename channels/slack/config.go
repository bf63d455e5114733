package slack

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/manyvox/manyvox/channels"
)

// Config is the block "slack:". Its keys up to ConversationGranularity are Rasa's.
type Config struct {
	// SlackToken is the bot's token, xoxb-. Required.
	SlackToken channels.Secret `yaml:"slack_token"`
	// SlackSigningSecret proves that a request is Slack's. Required without AppToken.
	SlackSigningSecret channels.Secret `yaml:"slack_signing_secret"`
	// SlackChannel is the id of a channel in which every message is answered, and to which goes
	// what is said to somebody who has not written yet.
	SlackChannel string `yaml:"slack_channel"`
	// Proxy is the HTTP proxy for all calls. Default that of the environment.
	Proxy string `yaml:"proxy"`
	// RetryReasonHeader and RetryNumberHeader are where Slack says that it delivers again.
	RetryReasonHeader string `yaml:"slack_retry_reason_header"`
	RetryNumberHeader string `yaml:"slack_retry_number_header"`
	// ErrorsIgnoreRetry are the reasons for which a redelivery is told to be the last. None of
	// them loses a message. Default http_timeout.
	ErrorsIgnoreRetry []string `yaml:"errors_ignore_retry"`
	// UseThreads has replies go to the thread of the message. Default false.
	UseThreads bool `yaml:"use_threads"`
	// ConversationGranularity says what one conversation is: a "sender", a sender in a
	// "channel", or in a "thread". Default sender.
	ConversationGranularity string `yaml:"conversation_granularity"`

	// AppToken is the app's own token, xapp-. With it the events are fetched by Socket Mode.
	AppToken channels.Secret `yaml:"app_token"`
	// Team is the id of the workspace, whose events alone are answered. Default that of
	// SlackToken.
	Team string `yaml:"team"`
	// APIBaseURL is the Web API. Default https://slack.com/api.
	APIBaseURL string `yaml:"api_base_url"`
	// AsUser adds as_user and type to calls, as Rasa does. Slack's newer apps have neither.
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
	// Rasa's page has "errors_ignore_retry: None", which is no null in YAML.
	if slices.Equal(c.ErrorsIgnoreRetry, []string{"None"}) {
		c.ErrorsIgnoreRetry = newConfig().ErrorsIgnoreRetry
	}
	var errs []error
	if c.SlackToken == "" {
		errs = append(errs, errors.New("slack_token: required: the bot's token, xoxb-..., from the page OAuth & Permissions of the app"))
	}
	if c.SlackSigningSecret == "" && c.AppToken == "" {
		errs = append(errs, errors.New("slack_signing_secret: required: the page Basic Information of the app has it. "+
			"Or give app_token, xapp-..., to have events without a public address"))
	}
	for key, token := range map[string]channels.Secret{"slack_token": c.SlackToken, "app_token": c.AppToken} {
		if strings.ContainsAny(token.Reveal(), " \t\r\n") {
			errs = append(errs, fmt.Errorf("%s: expected a token, which has no white space", key))
		}
	}
	if c.Proxy != "" && !isAddress(c.Proxy) { // it may hold a password
		errs = append(errs, errors.New("proxy: expected an address such as http://proxy.example:3128"))
	}
	if !isAddress(c.APIBaseURL) {
		errs = append(errs, errors.New("api_base_url: expected an address such as https://slack.com/api"))
	}
	return errors.Join(append(errs,
		oneOf("conversation_granularity", c.ConversationGranularity, perSender, perChannel, perThread),
		oneOf("streaming", c.Streaming, streamStream, streamEdit, streamOff))...)
}

func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.RawQuery == "" && u.Fragment == ""
}

func oneOf(key, value string, values ...string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf("%s: %.40q is none of %s", key, value, strings.Join(values, ", "))
}

// proxy returns the proxy, nil for that of the environment.
func (c *Config) proxy() *url.URL {
	if c.Proxy == "" {
		return nil
	}
	u, err := url.Parse(c.Proxy)
	if err != nil { // Validate has looked
		return nil
	}
	return u
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
