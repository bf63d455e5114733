package web_test

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"regexp"
	"testing"

	"github.com/manyvox/manyvox/web"
)

// TestSize holds the first load, all that index.html names and itself, below 60 KB.
func TestSize(t *testing.T) {
	t.Parallel()
	const most = 60_000
	index := read(t, "index.html")
	named := regexp.MustCompile(`(?:src|href)="([^"#{]+)"`).FindAllSubmatch(index, -1)
	if len(named) < 4 {
		t.Fatalf("index.html names %d files", len(named))
	}
	total := zipped(t, index)
	for _, match := range named {
		name := string(match[1])
		n := zipped(t, read(t, name))
		t.Logf("%6d %s", n, name)
		total += n
	}
	t.Logf("%6d in all", total)
	if total >= most {
		t.Errorf("the first load takes %d bytes, more than %d", total, most)
	}
}

// TestEdge08_20_Chunks holds what is loaded later, with the first reply that has Markdown,
// within 30 KB.
func TestEdge08_20_Chunks(t *testing.T) {
	t.Parallel()
	const most = 30_000
	index := read(t, "index.html")
	total := 0
	for _, pattern := range []string{"assets/reader.worker-*.js", "assets/rich-*.js", "assets/rich-*.css"} {
		names, err := fs.Glob(web.Files(), pattern)
		if err != nil || len(names) != 1 {
			t.Fatalf("%s: %v, %v", pattern, names, err)
		}
		if bytes.Contains(index, []byte(names[0])) {
			t.Errorf("%s is loaded at once", names[0])
		}
		n := zipped(t, read(t, names[0]))
		t.Logf("%6d %s", n, names[0])
		total += n
	}
	if total > most {
		t.Errorf("what is loaded later takes %d bytes, more than %d", total, most)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := fs.ReadFile(web.Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func zipped(t *testing.T, content []byte) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
