// Package webhook is the agent that lets a server of any kind answer: each message is posted
// to it as JSON, signed as Standard Webhooks has it, and the answer may be JSON, lines of JSON
// or server-sent events: https://www.standardwebhooks.com
package webhook
