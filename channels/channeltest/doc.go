// Package channeltest is the kit that every channel is tested with: Inbound runs a table
// of requests, Contract checks what every channel promises.
package channeltest
