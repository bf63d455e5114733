package wire_test

import (
	"flag"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what is made of the comparison: testdata/differences.golden and the table in docs")

// barrier is a message whose answer says that those before it are answered: Rasa and Manyvox
// both answer a conversation in order. No case sends it.
const (
	barrier        = "/markup"
	barrierMessage = `{"sender": "$SENDER", "message": "` + barrier + `"}`
	barrierAnswer  = "*bold*"
)

// TestWire does the same to Rasa and to Manyvox in front of it, and compares.
func TestWire(t *testing.T) {
	t.Parallel()
	entries := readCases[entry](t, "differences")
	rest, scripts, callbacks := bothWays(readCases[httpCase](t, "rest")), bothTransports(readCases[script](t, "socketio")), readCases[httpCase](t, "callback")
	if len(rest) < 200 || len(scripts) < 50 || len(callbacks) < 20 {
		t.Errorf("%d requests, %d scripts, %d callbacks: expected at least 200, 50 and 20", len(rest), len(scripts), len(callbacks))
	}
	p, r := startPair(t), &results{}
	var all sync.WaitGroup
	all.Go(func() {
		p.compareREST(t, r, rest)
		p.compareCallbacks(t, r, callbacks) // some have the conversations of those
	})
	all.Go(func() { p.compareHanging(t, r, rest) })
	all.Go(func() { p.compareScripts(t, r, scripts) })
	all.Wait()
	for _, wrong := range judge(entries, r.sorted()) {
		t.Error(wrong)
	}
	checkGolden(t, record(r.sorted()))
}
