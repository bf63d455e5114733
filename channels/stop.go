package channels

// Stop is a turn that a platform's user wants ended: see Stopper.
type Stop struct {
	Sender string
	// MessageID is the message that the turn answers. It is empty where that is not known:
	// then the turn is meant that is under way.
	MessageID string
}
