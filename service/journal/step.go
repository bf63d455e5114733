package journal

import "fmt"

// Validate reports an outcome that is none of the outcomes.
func (s Step) Validate() error {
	if s.End == nil {
		return nil
	}
	switch s.End.Outcome {
	case OutcomeDone, OutcomeRetry, OutcomeFailed, OutcomeInterrupted:
		return nil
	}
	return fmt.Errorf("journal: outcome %q is unknown", s.End.Outcome)
}
