// Package markup turns the text of a reply into what a platform shows: it reads CommonMark
// once and writes Slack's mrkdwn, Telegram's HTML, WhatsApp's marks or plain text. It cuts a
// text into parts of a platform's length, each of which is whole by itself, and closes what is
// open in a text that still grows.
//
// The tree that goldmark makes of a text is flattened into spans: pieces of text in one style.
// A syntax says what opens and closes around a style; a writer writes spans in a syntax and
// closes only what does not go on. Since a span can be cut anywhere, so can the text: whatever
// is open at the cut is closed there and opened again behind it.
package markup
