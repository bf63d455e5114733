package instance

import "time"

// Reload is what a reload of the configuration has done.
type Reload struct {
	// Revision counts the configurations that were in use, from 1. A reload that failed
	// leaves it as it was.
	Revision int64
	// Time is when it ended.
	Time time.Time
	// Err says why it failed; nil when it did not. What was in use still is.
	Err error
	// Channels are in the order of credentials.yml; those that were removed follow.
	Channels []ChannelChange
	Agent    Change
	// Notes are for the operator, such as that a change needs a restart.
	Notes []string
}

// ChannelChange is what a reload has done to one channel.
type ChannelChange struct {
	Name, Type string
	Change     Change
}

// Change is what a reload has done to something.
type Change string

// The changes. What is kept goes on untouched.
const (
	Kept    Change = "kept"
	Added   Change = "added"
	Changed Change = "changed"
	Removed Change = "removed"
)
