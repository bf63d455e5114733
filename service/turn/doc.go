// Package turn answers messages: an Executor runs the agent once for each message,
// commits what it gives before anybody may see it, and records what happened. A caller
// waits for the replies (Ask, AskOnce), or the message was stored first and its replies
// go to the outbox (Answer).
package turn
