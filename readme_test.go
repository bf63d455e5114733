package manyvox_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeCode checks that each piece of code in README.md stands, but for its
// indentation, in an example that is run by a test.
func TestReadmeCode(t *testing.T) {
	t.Parallel()
	sources := map[string]string{"go": "examples/goclient/main.go", "ts": "examples/typescript/hello.ts"}
	blocks := regexp.MustCompile("(?s)```(go|ts)\n(.*?)```").FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(blocks) != len(sources) {
		t.Fatalf("README.md has %d pieces of code, want one of each: %v", len(blocks), sources)
	}
	for _, block := range blocks {
		source := flat(read(t, sources[block[1]]))
		for _, piece := range strings.Split(block[2], "\n\n") {
			if !strings.Contains(source, flat(piece)) {
				t.Errorf("not in %s:\n%s", sources[block[1]], piece)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// flat takes the indentation and the empty lines out.
func flat(code string) string {
	var lines []string
	for line := range strings.Lines(code) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
