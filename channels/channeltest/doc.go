// Package channeltest is the kit that every channel is tested with: Inbound runs a table
// of requests, Outbound one of replies, and Contract checks what every channel promises.
package channeltest
