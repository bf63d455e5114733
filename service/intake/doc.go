// Package intake is the door: the one way in for every message, whatever the protocol.
// It admits a message (Door.admit holds all that holds for all of them) and then stores
// it, to be answered later (Post), or has it answered while the caller waits (Ask).
package intake
