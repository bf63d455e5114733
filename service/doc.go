// Package service wires the rooms beside it and knows the order in which they start and
// shut down; nothing else. A message enters by the door (intake), is answered (turn),
// and its replies go back to the caller or out by the outbox (delivery).
// docs/architecture.md shows the rooms and the way of a message through them.
package service
