// Package delivery sends the parts of the outbox: at the pace that the platform takes,
// with one retry loop for all channels. outcomeOf is the one place that decides what a
// class of failure means; a circuit breaker holds a channel's parts back while its
// platform refuses them all.
package delivery
