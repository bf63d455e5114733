// Package slacktest is a Slack that behaves: it checks tokens and scopes, keeps workspaces and
// their conversations, signs and redelivers as Slack does, over HTTP and in Socket Mode, refuses
// what Slack refuses with Slack's words, and shows what a person would see. It knows no code of
// the channel.
package slacktest
