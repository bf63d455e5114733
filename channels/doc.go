// Package channels holds the nouns of Manyvox (Message, Reply, Part), the
// contract a channel fulfils (Channel, Sender, Runner, Inbox, Replier) and the
// building blocks channels are made of (Webhook, Collector, Stream).
//
// A channel type lives in a folder of its own beside this file, knows this
// package and nothing else of Manyvox, and is listed in channels/builtin.
package channels
