// Package pgtest gives tests a PostgreSQL server of their own, on a port of the loopback
// interface, that can be killed, started again, and cut off.
package pgtest
