package rasa_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// file returns the text of a file.
func file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pageBlock returns the nth block of code of a language below a heading of a page in docs.
func pageBlock(t *testing.T, page, heading, language string, n int) string {
	t.Helper()
	_, section, found := strings.Cut(file(t, "../../docs/"+page), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(section, -1)
	if !found || len(blocks) < n {
		t.Fatalf("docs/%s has no block %d of %s below %q", page, n, language, heading)
	}
	return blocks[n-1][1]
}
