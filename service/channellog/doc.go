// Package channellog keeps what came in from a channel's platform and what went out to it,
// with what was made of it: the last exchanges, in memory. It answers the commonest question
// about a channel, why a message does not arrive, without a debugger and without a proxy.
package channellog
