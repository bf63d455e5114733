// Package postgres keeps the journal in a PostgreSQL database that several replicas share:
// processes of Manyvox, each with a lease. Each replica gathers the calls that come at once
// into one transaction of two round trips: see writer.go.
//
// Numbers of rows rise with the order of commits in each conversation, and in each
// replica; across conversations of different replicas they need not.
package postgres
