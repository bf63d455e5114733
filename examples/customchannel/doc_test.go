package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const page = "../../docs/write-a-channel.md"

// TestPage wants the page's code to be that of these files, and its last step to be
// what TestProgram does.
func TestPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	files := contents(t, "*.go", "*.yml")
	for _, language := range []string{"go", "yaml"} {
		blocks := fenced(string(text), language)
		if len(blocks) == 0 {
			t.Errorf("%s: no block of %s", page, language)
		}
		for _, block := range blocks {
			if !slices.ContainsFunc(files, func(file string) bool { return strings.Contains(file, block) }) {
				t.Errorf("%s: no file of the example has this block:\n%s", page, block)
			}
		}
	}
	for _, want := range []string{"-d '" + body + "'", "'X-Metadata: " + header + "'", "\n" + answer + "\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s: %s is missing", page, want)
		}
	}
}

// fenced returns the contents of the blocks of a language.
func fenced(text, language string) (blocks []string) {
	for _, rest := range strings.Split(text, "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(rest, "```")
		blocks = append(blocks, block)
	}
	return blocks
}

func contents(t *testing.T, patterns ...string) (files []string) {
	t.Helper()
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, string(data))
		}
	}
	return files
}
