// Package channeltest is the kit that every channel is tested with: Inbound runs a table
// of requests, Outbound one of replies, and Contract checks what every channel promises. What
// Contract needs to know of the platform is a Platform: what it posts (Deliveries), what its
// answers mean (Failure), and what a person sees of the calls that it gets (Screen).
package channeltest
