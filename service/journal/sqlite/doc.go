// Package sqlite is the journal in one SQLite file, for one process at a time. One
// goroutine writes: it commits in one transaction what many callers ask for at once.
// Others read beside it.
package sqlite
