package journal

import (
	"fmt"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Step is what one transaction of a turn changes: first Complete, then Parts, then Begin.
type Step struct {
	// Parts go to the end of the conversation's outbox, in order. Channel, Sender and
	// ID are set. There are none in a turn of an asked message.
	Parts []channels.Part
	// Events are appended, in order. Channel, Sender, MessageID and Time are set;
	// their Cursor is given by the store.
	Events []channels.Event
	// Shown says that the user has seen something of the turn once the step is
	// committed. A step with parts has shown something in any case.
	Shown bool
	// Begin goes to the end of the conversation's outbox as a live part: its text still
	// grows. Like Parts it has shown something. Only this process is given it by NextPart,
	// until it is completed, its turn ends or this process dies.
	Begin *channels.Part
	// Complete ends the growth of a live part that the same turn began.
	Complete *Completion
	// End is nil while the turn goes on.
	End *End
}

// Shows reports whether the user has seen something once the step is committed.
func (s *Step) Shows() bool { return s.Shown || len(s.Parts) > 0 || s.Begin != nil }

// Outgoing returns the parts of the step that are complete, and the live part that it begins.
// A part that is begun by the step that ends the turn never grows, so it is complete.
func (s *Step) Outgoing() (parts []channels.Part, begin *channels.Part) {
	if s.Begin != nil && s.End != nil {
		return append(slices.Clone(s.Parts), *s.Begin), nil
	}
	return s.Parts, s.Begin
}

// Replies returns how many of the step's events are replies.
func (s *Step) Replies() (n int) {
	for _, e := range s.Events {
		if e.Kind == channels.EventReply {
			n++
		}
	}
	return n
}

// Validate reports an outcome that is none of the outcomes, and a completion that is none.
func (s *Step) Validate() error {
	if err := s.Complete.validate(); err != nil {
		return err
	}
	if s.End == nil {
		return nil
	}
	switch s.End.Outcome {
	case OutcomeDone, OutcomeRetry, OutcomeDeferred, OutcomeFailed, OutcomeInterrupted, OutcomeExpired:
		return nil
	}
	return fmt.Errorf("journal: outcome %q is unknown", s.End.Outcome)
}

// ValidateAsk reports an outcome that is none of an asked message's, and a live part.
func (s *Step) ValidateAsk() error {
	if s.Begin != nil || s.Complete != nil {
		return errAskGrows
	}
	if s.End != nil {
		switch s.End.Outcome { // the others are
		case OutcomeRetry, OutcomeDeferred, OutcomeExpired:
			return fmt.Errorf("journal: outcome %q is none of an asked message's", s.End.Outcome)
		}
	}
	return s.Validate()
}

// Outcome says how a turn ends.
type Outcome string

// The outcomes. All but OutcomeRetry and OutcomeDeferred let the next of the queue begin.
const (
	// OutcomeDone takes the message out of the inbox.
	OutcomeDone Outcome = "done"
	// OutcomeRetry keeps it first in its queue until End.At.
	OutcomeRetry Outcome = "retry"
	// OutcomeDeferred is OutcomeRetry for an attempt that the agent has not seen: it is
	// not counted.
	OutcomeDeferred Outcome = "deferred"
	// OutcomeExpired makes it a dead letter that was too old to be answered.
	OutcomeExpired Outcome = "expired"
	// OutcomeFailed makes it a dead letter.
	OutcomeFailed Outcome = "failed"
	// OutcomeInterrupted makes it a dead letter of which something was shown.
	OutcomeInterrupted Outcome = "interrupted"
)

// End is how a turn ends.
type End struct {
	Outcome Outcome
	// At is when a retry is due.
	At time.Time
	// Reason is for people; it holds no text of a message and no secret.
	Reason string
}
