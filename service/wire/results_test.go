package wire_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// results collects what the cases show.
type results struct {
	senders atomic.Int64
	mu      sync.Mutex
	list    []result
}

// add does something to the servers, first to Rasa, and keeps what differs. Of the Manyvox that
// asks our channel for Rasa it is a result of its own, with what does not differ so without it;
// there is none of the rest channel, whose answers are those of the agent.
func (r *results) add(p *pair, name string, do func(s *server, sender string) answer) {
	n := r.senders.Add(1)
	on := func(s *server) answer { return do(s, fmt.Sprintf("wire%d%s", n, s.name)) }
	rasa := on(&p.rasa)
	of := result{name: name, differences: compare(rasa, on(&p.manyvox))}
	list := []result{of}
	if !strings.HasPrefix(name, "rest/") {
		list[0].connected = compare(rasa, on(&p.connected))
		further := slices.DeleteFunc(slices.Clone(list[0].connected), func(d difference) bool { return slices.Contains(of.differences, d) })
		list = append(list, result{name: name + byOurs, differences: further})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, list...)
}

// byOurs ends the name of a case that goes by our channel for Rasa.
const byOurs = ", by our channel"

// sorted returns the results by the names of their cases.
func (r *results) sorted() []result {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortFunc(r.list, func(a, b result) int { return strings.Compare(a.name, b.name) })
	return r.list
}

// readCases reads a list from testdata. A key that is not known is an error.
func readCases[T any](t *testing.T, name string) (list []T) {
	t.Helper()
	file := "testdata/" + name + ".yml"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(data, &list, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return list
}

const golden = "testdata/differences.golden"

// checkGolden compares what differs with what differed when it was last written.
func checkGolden(t *testing.T, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: other differences (-want +got); where they are meant run go test with -update:\n%s", golden, diff)
	}
}
