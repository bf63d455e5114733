package agents

// Tokens are what a model's server counts texts in, and charges.
type Tokens struct {
	// Prompt is what it was given, Completion what it has written.
	Prompt, Completion int64
}

// Meter takes what a turn costs, as the service hands it to a Turn.
type Meter interface{ Spend(cost Tokens) }

// Spend counts what the turn, or a part of it, has cost, in the metrics of the agent. It may be
// called as often as something is known.
func (t Turn) Spend(cost Tokens) {
	if t.Meter != nil {
		t.Meter.Spend(cost)
	}
}
