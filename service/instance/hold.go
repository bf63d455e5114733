package instance

import "time"

// Hold is something that is held back: a channel, one of its rate keys, or an agent.
type Hold struct {
	// Channel is set for a channel, with Key for one of its rate keys; Agent for an agent.
	Channel, Key, Agent string
	State               HoldState
	// Since is when it began, Until when it ends or the next probe is sent.
	Since, Until time.Time
	// Reason is for people, such as the class of a failed Send.
	Reason string
}

// HoldState says how something is held back.
type HoldState string

// The states. A circuit breaker that is closed holds nothing back.
const (
	// HoldOpen is a circuit breaker that lets nothing through.
	HoldOpen HoldState = "open"
	// HoldHalfOpen is one that waits for the outcome of a probe.
	HoldHalfOpen HoldState = "half-open"
	// HoldPaused is a pause that the platform has asked for.
	HoldPaused HoldState = "paused"
)
