package rasa_test

import (
	"os"
	"regexp"
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

// block returns the nth block of code of a language in a page of docs.
func block(t *testing.T, page, language string, n int) string {
	t.Helper()
	blocks := regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(file(t, "../../docs/"+page), -1)
	if len(blocks) < n {
		t.Fatalf("docs/%s has no block %d of %s", page, n, language)
	}
	return blocks[n-1][1]
}
