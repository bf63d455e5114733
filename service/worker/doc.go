// Package worker runs the work that goes on without a request: it fetches claimed rows
// and hands each to a bounded number of workers, tries commits again while the journal
// fails, pauses with backoff, and turns a panic into an error.
package worker
