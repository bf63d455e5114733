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

// add does something to both servers, first to Rasa, and keeps what differs.
func (r *results) add(p *pair, name string, do func(s *server, sender string) answer) {
	n := r.senders.Add(1)
	var answers [2]answer
	for i, s := range []*server{&p.rasa, &p.manyvox} {
		answers[i] = do(s, fmt.Sprintf("wire%d%s", n, s.name))
	}
	differences := compare(answers[0], answers[1])
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, result{name, differences})
}

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
