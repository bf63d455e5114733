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

// record is what a worker says of a call: "stored", "begin" and "done" of a turn, "send"
// and "sent" of a part. All workers are on one machine, whose clock orders them.
type record struct {
	at           int64
	who          int
	what, sender string
	id           int64
}

func (r record) String() string {
	return fmt.Sprintf("%d %d %s %s %d", r.at, r.who, r.what, r.sender, r.id)
}

func parseRecord(line string) (r record, err error) {
	_, err = fmt.Sscan(line, &r.at, &r.who, &r.what, &r.sender, &r.id)
	return r, err
}

// protocol gathers records.
type protocol struct {
	mu  sync.Mutex
	all []record
	// first is closed with the first record.
	first chan struct{}
}

func newProtocol() *protocol { return &protocol{first: make(chan struct{})} }

func (p *protocol) add(r record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all = append(p.all, r); len(p.all) == 1 {
		close(p.first)
	}
}

// message names one.
type message struct {
	sender string
	id     int64
}

// judge is who reads the records in the order of time.
type judge struct {
	t *testing.T
	// killed says when a worker was.
	killed map[int]int64
	count  map[string]map[message]int
	last   map[string]map[string]int64
	// open is who works on a conversation, and since when.
	open map[string]record
	// again is how many turns and parts were given out more than once.
	again int
}

// verify checks that nothing was lost, done again, out of order, or done at once, and
// returns how many were given out again before they were done.
func (p *protocol) verify(t *testing.T, killed map[int]int64) (again int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	j := &judge{
		t: t, killed: killed, count: map[string]map[message]int{},
		last: map[string]map[string]int64{"begin": {}, "send": {}}, open: map[string]record{},
	}
	for _, what := range []string{"stored", "begin", "ready", "done", "send", "sent"} {
		j.count[what] = map[message]int{}
	}
	slices.SortStableFunc(p.all, func(a, b record) int { return cmp.Compare(a.at, b.at) })
	for _, r := range p.all {
		j.hear(r)
	}
	for m := range j.count["stored"] {
		if j.count["send"][m] == 0 {
			t.Errorf("the answer of %s/%d is lost", m.sender, m.id)
		}
	}
	t.Logf("%d messages, %d turns, %d parts, %d given out again",
		len(j.count["stored"]), len(j.count["done"]), len(j.count["sent"]), j.again)
	if len(j.count["stored"]) == 0 {
		t.Error("nothing was stored")
	}
	return j.again
}

func (j *judge) hear(r record) {
	m := message{r.sender, r.id}
	switch r.what {
	case "begin":
		j.overlap(r)
		j.given(r, "done")
		j.open[r.sender] = r
	case "ready": // the turn is over, and about to be committed
		if j.open[r.sender].who == r.who {
			delete(j.open, r.sender)
		}
	case "send":
		j.given(r, "sent")
	}
	j.count[r.what][m]++
}

// overlap checks that nobody else works on the conversation.
func (j *judge) overlap(r record) {
	before, works := j.open[r.sender]
	if !works || j.killed[before.who] != 0 && j.killed[before.who] < r.at {
		return
	}
	j.t.Errorf("%s/%d is begun by %d while %d works on %d", r.sender, r.id, r.who, before.who, before.id)
}

// given checks that a row is not given out when it is done, and follows those before it.
func (j *judge) given(r record, done string) {
	m := message{r.sender, r.id}
	if j.count[done][m] > 0 {
		j.t.Errorf("%s of %s/%d comes after it was %s", r.what, r.sender, r.id, done)
	}
	if j.count[r.what][m] > 0 {
		j.again++
		return
	}
	if r.id <= j.last[r.what][r.sender] {
		j.t.Errorf("%s of %s/%d comes after that of %d", r.what, r.sender, r.id, j.last[r.what][r.sender])
	}
	j.last[r.what][r.sender] = r.id
}

func idOf(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64) // 0 is out of order
	return n
}
