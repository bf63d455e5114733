// Package slack is the channel for Slack apps: events, buttons and slash commands by signed
// webhook or by Socket Mode, replies by the Web API, which grow while the assistant writes.
//
// https://docs.slack.dev/apis
package slack
