// Package telegram is the channel for Telegram bots: updates come by webhook or, without a
// public URL, by long polling; replies go out through the Bot API, and grow while the
// assistant writes them. It takes the block of Rasa's channel as it is.
//
// The Bot API: https://core.telegram.org/bots/api
package telegram
