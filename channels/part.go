package channels

import "time"

// Part is one platform call: a reply of a single kind on its way to an address. While its
// text grows it takes several: see Streamer.
type Part struct {
	// ID is stable over retries and restarts, so that it can serve as the
	// platform's idempotency key.
	ID      string
	Channel string
	// Type is the type of the channel. The service fills it in; parts of an earlier version
	// have none.
	Type   string
	Sender string
	// Address is the message's, empty when the sender is the address.
	Address string
	// MessageID is the id of the message that the part answers, or of what was sent without
	// one. It is empty of a part that an earlier version stored.
	MessageID string
	// Reply is of a single kind.
	Reply Reply
	// Choices are what the user may choose from where the platform's own buttons do not
	// bring the payload back: see Chooser. A number that the user writes counts them from 1.
	Choices []Choice
	// Unfitted is 0 of a part that Fit has made, as all are that Send and Close are given. Open
	// and Append are given a text that still grows, which Fit has not seen. It may be left so by
	// the end of its turn: then the part is the n-th of those that Fit makes of the text, where n
	// is Unfitted.
	Unfitted int
}

// Kind returns what the part shows.
func (p *Part) Kind() Kind { return p.Reply.Kind() }

// Conversation returns the conversation the part belongs to.
func (p *Part) Conversation() Conversation {
	return Conversation{Channel: p.Channel, Sender: p.Sender}
}

// Receipt is the proof that the platform took a part.
type Receipt struct {
	// ID is the platform's message id, empty when it gives none.
	ID string
	// Time is the platform's, or else ours.
	Time time.Time
}
