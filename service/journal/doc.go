// Package journal is the contract of the durable record. The record holds the messages
// that were taken in and still have to be answered (the inbox), the replies that still
// have to be sent (the outbox), what was given up (dead letters), and what happened
// (events). The stores are the packages in the folders beside this file; all of them pass
// the tests of journaltest.
package journal
