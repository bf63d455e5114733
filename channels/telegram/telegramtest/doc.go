// Package telegramtest is a Bot API that behaves: it checks tokens, keeps chats, delivers
// updates by long polling and by webhook as Telegram does, refuses what Telegram refuses with
// Telegram's words, and shows what a person would see. It knows no code of the channel.
package telegramtest
