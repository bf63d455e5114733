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
	// Disorder counts turns that ran before an earlier message's.
	Disorder int
	// Overlap counts turns that ran beside another of their conversation.
	Overlap int
	// Duplicates counts turns of messages that had theirs before.
	Duplicates int
}

// verifier watches turns begin and end.
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

func newVerifier(s Size) *verifier {
	return &verifier{
		complete: make(chan struct{}), left: s.Conversations * s.Messages,
		seen:    map[channels.Conversation]map[int]bool{},
		last:    map[channels.Conversation]int{},
		running: map[channels.Conversation]int{},
	}
}

// begin notes that a turn begins; a message's id is its number in its conversation.
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

func (v *verifier) end(m channels.Message) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.running[m.Conversation()]--
}

func (v *verifier) result() Report {
	v.mu.Lock()
	defer v.mu.Unlock()
	r := v.report
	r.Lost = v.left
	return r
}
