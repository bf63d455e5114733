// Package instance holds the channels in use and what all ways in share: a channel's
// block of credentials.yml (Config) and its state at run time (Instance), the registry
// of those in use, limits and capacity, the messages in flight, and the journal's
// health.
package instance
