package clients_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

var only = flag.String("clients", "", `the libraries to run, as "go-grpc,node-connect", or "all"; nothing runs none`)

// library is a client of a language: a folder here with a program that `make clients` has built.
type library struct {
	name, folder, title string
	protocols           []string
	run                 []string
	// needs is the file that the build leaves.
	needs string
}

// libraries are the columns of the matrix.
func libraries() []library {
	all, grpc := []string{"connect", "grpc", "grpc-web"}, []string{"grpc"}
	return []library{
		{"go-connect", "go", "Go, connect-go", all, []string{"bin/matrixconnect"}, "bin/matrixconnect"},
		{"go-grpc", "go", "Go, grpc-go", grpc, []string{"bin/matrixgrpc"}, "bin/matrixgrpc"},
		{"node-connect", "node", "Node.js, connect-node", all, []string{"node", "--import", "tsx", "matrix-connect.ts"}, "gen/manyvox"},
		{"node-grpc", "node", "Node.js, grpc-js", grpc, []string{"node", "--import", "tsx", "matrix-grpc.ts"}, "gen/manyvox"},
		{"python-connect", "python", "Python, connectrpc", all, []string{".venv/bin/python", "matrix_connect.py"}, "genconnect/manyvox"},
		{"python-grpc", "python", "Python, grpcio", grpc, []string{".venv/bin/python", "matrix_grpc.py"}, "gen/manyvox"},
		{"java-grpc", "java", "Java, grpc-java", grpc, []string{"bash", "matrix.sh"}, "target/classpath"},
		{"rust-tonic", "rust", "Rust, tonic", grpc, []string{"target/debug/matrix"}, "target/debug/matrix"},
		{"ruby-grpc", "ruby", "Ruby, grpc", grpc, []string{"ruby", "matrix.rb"}, "gen/manyvox"},
	}
}

// limit is a red cell that is known: the client cannot do it.
type limit struct {
	column, name, why, thread string
}

// limits are all of them. One that is green is taken out.
func limits() (list []limit) {
	list = append(list, limit{
		"Rust, tonic, grpc", "deadline, silent network", "its own timer ends a call with CANCELLED", "https://github.com/hyperium/tonic/pull/606",
	})
	for _, protocol := range []string{"connect", "grpc", "grpc-web"} {
		list = append(list, limit{
			"Python, connectrpc, " + protocol, "keepalive", "its HTTP client pyqwest has no option for the pings of HTTP/2",
			"https://github.com/curioswitch/pyqwest (HTTPTransport has none in 0.12; a search found no thread)",
		})
	}
	return list
}

// column is a library with one of its protocols.
func (l library) column(protocol string) string { return l.title + ", " + protocol }

// seen is what was seen: the failure of each cell by column and case, nil where it is green.
type seen struct {
	mu    sync.Mutex
	cells map[string]map[string]error
}

func (s *seen) add(column, name string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cells[column] == nil {
		s.cells[column] = map[string]error{}
	}
	s.cells[column][name] = err
}

// TestMatrix runs the cases by each client, compares what it sees with the limits that are known,
// and writes the page when all clients were there.
func TestMatrix(t *testing.T) {
	if *only == "" {
		t.Skip("run by make clients")
	}
	s := &seen{cells: map[string]map[string]error{}}
	var missing []string
	t.Run("clients", func(t *testing.T) {
		for _, l := range libraries() {
			if *only != "all" && !slices.Contains(strings.Split(*only, ","), l.name) {
				continue
			}
			if _, err := os.Stat(filepath.Join(l.folder, l.needs)); err != nil {
				missing = append(missing, l.title)
				continue
			}
			t.Run(l.name, func(t *testing.T) { t.Parallel(); l.all(t, s) })
		}
	})
	for _, column := range slices.Sorted(maps.Keys(s.cells)) {
		s.check(t, column)
	}
	if len(missing) > 0 && os.Getenv("CI") == "true" {
		t.Errorf("not built: %s", strings.Join(missing, "; "))
	}
	if *only == "all" && !t.Failed() {
		if err := os.WriteFile("../../docs/clients/matrix.md", []byte(s.page(missing)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// all runs every case with every protocol.
func (l library) all(t *testing.T, s *seen) {
	for _, protocol := range l.protocols {
		c := startClient(t, l.folder, l.command(t)...)
		for _, one := range cases() {
			t.Run(protocol+"/"+one.name, func(sub *testing.T) {
				r := &run{server: start(sub), t: sub, ctx: sub.Context(), client: c, protocol: protocol}
				err := one.run(r)
				s.add(l.column(protocol), one.name, err)
				if errors.Is(err, errHangs) { // the next case has another, until the end of all
					c = startClient(t, l.folder, l.command(t)...)
				}
			})
		}
	}
}

// command is what runs the program, found in the folder or on the PATH.
func (l library) command(t *testing.T) []string {
	t.Helper()
	args := slices.Clone(l.run)
	if !strings.Contains(args[0], "/") {
		path, err := exec.LookPath(args[0])
		if err != nil {
			t.Fatal(err)
		}
		args[0] = path
	} else if path, err := filepath.Abs(filepath.Join(l.folder, args[0])); err == nil {
		args[0] = path
	}
	return args
}

// check compares a column with the limits.
func (s *seen) check(t *testing.T, column string) {
	t.Helper()
	for _, c := range cases() {
		err, ran := s.cells[column][c.name]
		known := slices.ContainsFunc(limits(), func(l limit) bool { return l.column == column && l.name == c.name })
		switch {
		case !ran:
			t.Errorf("%s: %s has not run", column, c.name)
		case err != nil && !known:
			t.Errorf("%s: %s: %v", column, c.name, err)
		case err == nil && known:
			t.Errorf("%s: %s is green now: take it out of limits", column, c.name)
		}
	}
}

// page is docs/clients/matrix.md.
func (s *seen) page(missing []string) string {
	var b strings.Builder
	b.WriteString("# What clients were seen to do\n\n<!-- written by \"make clients\" from what it saw. -->\n\n" +
		"Each cell is a test that has run against the program: ✅ is what was seen, a number is a limit of that client, told below. " +
		"[examples/clients](../../examples/clients/doc.go) has the programs.\n\n")
	columns := slices.Sorted(maps.Keys(s.cells))
	b.WriteString("| |")
	for _, c := range columns {
		b.WriteString(" " + c + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	for _, c := range cases() {
		b.WriteString("| " + c.name + " |")
		for _, column := range columns {
			cell := " ✅ |"
			if s.cells[column][c.name] != nil {
				i := slices.IndexFunc(limits(), func(l limit) bool { return l.column == column && l.name == c.name })
				cell = fmt.Sprintf(" ❌ %d |", i+1)
			}
			b.WriteString(cell)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## What each row is\n\n")
	for _, c := range cases() {
		b.WriteString("- " + c.name + ": " + c.what + ".\n")
	}
	if len(limits()) > 0 {
		b.WriteString("\n## Limits of clients\n\n")
	}
	for i, l := range limits() {
		fmt.Fprintf(&b, "%d. %s, %s: %s. %s\n", i+1, l.column, l.name, l.why, l.thread)
	}
	for _, m := range missing {
		b.WriteString("\nNot run here: " + m + ".\n")
	}
	return b.String()
}
