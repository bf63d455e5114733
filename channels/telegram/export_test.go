package telegram

import "time"

// Pace is what spreads edits.
type Pace struct{ pace }

// NewPace returns one.
func NewPace() *Pace { return &Pace{} }

// Take takes an edit now.
func (p *Pace) Take(sender string) bool { return p.take(sender, time.Now()) }
