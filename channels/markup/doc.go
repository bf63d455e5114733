// Package markup turns the text of a reply into what a platform shows: it reads CommonMark
// once and writes Slack's mrkdwn, Telegram's HTML, WhatsApp's marks or plain text. It cuts a
// text into parts of a platform's length, each of which is whole by itself, and closes what is
// open in a text that still grows.
package markup
