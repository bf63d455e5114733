package channellog

import (
	"time"

	"github.com/manyvox/manyvox/channels"
)

const (
	// What a stranger or a platform chose is cut at these sizes, in bytes.
	maxRoute   = 200
	maxCode    = 64
	maxText    = 200
	maxSender  = 256
	maxMessage = 4 << 10
	// entryCost is counted for an entry besides its texts.
	entryCost = 256
	// foldTime is how long an entry takes in what is the same.
	foldTime = 5 * time.Minute
)

// Entry is an exchange in the log. Began is when it happened the last time.
type Entry struct {
	channels.Exchange
	// ID numbers the entries of a log, without gaps.
	ID int64
	// Cursor is the place of the entry in the log. It moves to the end when the exchange
	// happens again.
	Cursor int64
	// First is when it happened the first time, and Count how often since.
	First time.Time
	Count int64
}

// isOrdinary reports whether the exchange is what should happen.
func isOrdinary(e *channels.Exchange) bool { return e.Verdict <= channels.VerdictAnswered }

// isMessage reports whether the exchange is a message that arrived. Each is an entry of its
// own, however alike.
func isMessage(e *channels.Exchange) bool {
	return e.Sender != "" && (e.Verdict == channels.VerdictAccepted || e.Verdict == channels.VerdictDuplicate)
}

// takes reports whether an exchange is the same as the entry's, soon enough after it.
func (n *Entry) takes(e *channels.Exchange) bool {
	return n.Verdict == e.Verdict && n.Direction == e.Direction && n.Status == e.Status && n.Route == e.Route &&
		n.Code == e.Code && n.Text == e.Text && n.Sender == e.Sender && e.Began.Sub(n.First) <= foldTime
}

// again counts an exchange that the entry takes.
func (n *Entry) again(e *channels.Exchange) {
	n.Exchange = *e
	n.Count++
}

// size is what the entry takes of maxSize.
func (n *Entry) size() int {
	return entryCost + len(n.Route) + len(n.Code) + len(n.Text) + len(n.Sender) + len(n.Message)
}
