// Package metrics is what /metrics shows: what was taken in and refused, turns,
// deliveries, how long they took, and what waits in the journal. No label holds a
// sender or a text. docs/metrics.md lists all; it is made from this package.
package metrics
