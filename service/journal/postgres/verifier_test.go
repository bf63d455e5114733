//go:build unix

package postgres_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// record is what a worker writes of a call: "stored", "begin" and "done" of a turn, "send"
// and "sent" of a part, or "back" when it was not sent. All workers are on one machine, whose
// clock orders them.
type record struct {
	at           int64
	who          int
	kind, sender string
	id           int64
}

func (r record) String() string {
	return fmt.Sprintf("%d %d %s %s %d", r.at, r.who, r.kind, r.sender, r.id)
}

func parseRecord(line string) (r record, err error) {
	_, err = fmt.Sscan(line, &r.at, &r.who, &r.kind, &r.sender, &r.id)
	return r, err
}

// recorder gathers records.
type recorder struct {
	mu  sync.Mutex
	all []record
	// first is closed with the first record.
	first chan struct{}
}

func newRecorder() *recorder { return &recorder{first: make(chan struct{})} }

func (p *recorder) add(r record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all = append(p.all, r); len(p.all) == 1 {
		close(p.first)
	}
}

// messageKey names a message.
type messageKey struct {
	sender string
	id     int64
}

// verifier reads the records in the order of time.
type verifier struct {
	t *testing.T
	// killed is when a worker was killed.
	killed map[int]int64
	count  map[string]map[messageKey]int
	last   map[string]map[string]int64
	// open is the turn that runs in a conversation, by whom and since when.
	open map[string]record
	// redelivered is how many turns and parts were given out more than once.
	redelivered int
}

// verify checks that nothing was lost, done again, out of order, or done at once, and
// returns how many were given out again before they were done.
func (p *recorder) verify(t *testing.T, killed map[int]int64) (redelivered int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	j := &verifier{
		t: t, killed: killed, count: map[string]map[messageKey]int{},
		last: map[string]map[string]int64{"begin": {}, "send": {}}, open: map[string]record{},
	}
	for _, what := range []string{"stored", "begin", "ready", "done", "send", "sent", "back"} {
		j.count[what] = map[messageKey]int{}
	}
	slices.SortStableFunc(p.all, func(a, b record) int { return cmp.Compare(a.at, b.at) })
	for _, r := range p.all {
		j.check(r)
	}
	for m := range j.count["stored"] {
		if j.count["send"][m] == 0 {
			t.Errorf("the answer of %s/%d is lost", m.sender, m.id)
		}
	}
	t.Logf("%d messages, %d turns, %d parts, %d given out again",
		len(j.count["stored"]), len(j.count["done"]), len(j.count["sent"]), j.redelivered)
	if len(j.count["stored"]) == 0 {
		t.Error("nothing was stored")
	}
	return j.redelivered
}

func (j *verifier) check(r record) {
	m := messageKey{r.sender, r.id}
	switch r.kind {
	case "begin":
		j.checkOverlap(r)
		j.checkDelivery(r, "done")
		j.open[r.sender] = r
	case "ready": // the turn is over, and about to be committed
		if j.open[r.sender].who == r.who {
			delete(j.open, r.sender)
		}
	case "send":
		j.checkDelivery(r, "sent")
	}
	j.count[r.kind][m]++
}

// checkOverlap checks that nobody else runs a turn of the conversation.
func (j *verifier) checkOverlap(r record) {
	before, isRunning := j.open[r.sender]
	if !isRunning || j.killed[before.who] != 0 && j.killed[before.who] < r.at {
		return
	}
	j.t.Errorf("%s/%d is begun by %d while %d runs the turn of %d", r.sender, r.id, r.who, before.who, before.id)
}

// checkDelivery checks that a row is not given out when it is done, and follows those before it.
func (j *verifier) checkDelivery(r record, done string) {
	m := messageKey{r.sender, r.id}
	if j.count[done][m] > 0 {
		j.t.Errorf("%s of %s/%d comes after it was %s", r.kind, r.sender, r.id, done)
	}
	if j.count[r.kind][m] > 0 {
		j.redelivered++
		if last := j.last[r.kind][r.sender]; r.kind == "send" && r.id < last {
			j.t.Errorf("%d sends %s/%d again after %d was sent", r.who, r.sender, r.id, last)
		}
		return
	}
	if r.id <= j.last[r.kind][r.sender] {
		j.t.Errorf("%s of %s/%d comes after that of %d", r.kind, r.sender, r.id, j.last[r.kind][r.sender])
	}
	j.last[r.kind][r.sender] = r.id
}

func idOf(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64) // 0 is out of order
	return n
}
