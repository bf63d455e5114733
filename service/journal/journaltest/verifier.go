package journaltest

import (
	"strconv"
	"sync"

	"github.com/manyvox/manyvox/channels"
)

// Report counts what went wrong in a load.
type Report struct {
	// Lost messages had no turn.
	Lost int
	// Disorder counts turns that began before the turn of an earlier message.
	Disorder int
	// Overlap counts turns that began while another of their conversation ran.
	Overlap int
	// Duplicates counts turns of messages that had had a turn before.
	Duplicates int
}

// verifier records when turns begin and end, and counts what goes wrong.
type verifier struct {
	// complete is closed when every message has had its turn.
	complete chan struct{}

	mu      sync.Mutex
	left    int
	seen    map[channels.Conversation]map[int]bool
	last    map[channels.Conversation]int
	running map[channels.Conversation]int
	report  Report
}

// newVerifier returns a verifier for a load of the size.
func newVerifier(s Size) *verifier {
	return &verifier{
		complete: make(chan struct{}), left: s.Conversations * s.Messages,
		seen:    map[channels.Conversation]map[int]bool{},
		last:    map[channels.Conversation]int{},
		running: map[channels.Conversation]int{},
	}
}

// begin records that a turn begins. A message's id is its number in its conversation.
func (v *verifier) begin(m channels.Message) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := m.Conversation()
	number, _ := strconv.Atoi(m.ID) // 0 is out of order
	if v.running[c]++; v.running[c] > 1 {
		v.report.Overlap++
	}
	if v.seen[c] == nil {
		v.seen[c] = map[int]bool{}
	}
	switch {
	case v.seen[c][number]:
		v.report.Duplicates++
		return
	case number != v.last[c]+1:
		v.report.Disorder++
	}
	v.seen[c][number] = true
	v.last[c] = max(v.last[c], number)
	if v.left--; v.left == 0 {
		close(v.complete)
	}
}

// end records that a turn ends.
func (v *verifier) end(m channels.Message) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.running[m.Conversation()]--
}

// result returns the report; messages without a turn count as lost.
func (v *verifier) result() Report {
	v.mu.Lock()
	defer v.mu.Unlock()
	r := v.report
	r.Lost = v.left
	return r
}
