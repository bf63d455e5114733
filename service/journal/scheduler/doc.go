// Package scheduler keeps, in memory, one FIFO queue per conversation, for a store that
// one process has to itself. It knows which row is first in each queue, which claims are
// current and which rows are due, and hands rows to the consumers that wait in Next.
//
// The rows themselves stay in the store, which reports each change here once the change
// is durable.
package scheduler
