package browser_test

import (
	"bufio"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

const doc = "../../docs/browser.md"

// TestDocCode wants each piece of code of the page to stand, but for its indentation, in
// one of these files, and each message of the console to be what TestPages waits for.
func TestDocCode(t *testing.T) {
	t.Parallel()
	text := read(t, doc)
	var sources []string
	for _, pattern := range []string{"*.ts", "*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			sources = append(sources, flat(read(t, file)))
		}
	}
	for _, language := range []string{"ts", "js"} {
		blocks := fenced(text, language)
		if len(blocks) == 0 {
			t.Errorf("no block of %s", language)
		}
		for _, block := range blocks {
			if !slices.ContainsFunc(sources, func(source string) bool { return strings.Contains(source, flat(block)) }) {
				t.Errorf("in no file:\n%s", block)
			}
		}
	}
	for _, v := range visits() {
		if v.refused && (!strings.Contains(text, v.shows) || !strings.Contains(text, v.consoleError)) {
			t.Errorf("%s: %q or %q is missing", v.name, v.shows, v.consoleError)
		}
	}
}

// TestDocPreflights sends the preflights of the page and wants the answers that stand
// below them. That a browser sends these is for TestPages.
func TestDocPreflights(t *testing.T) {
	t.Parallel()
	p := cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{memory.Type()}}
	url := cmdtest.Start(t, p, "", "", "--cors", "http://localhost:8000")
	blocks := fenced(read(t, doc), "http")
	if len(blocks) == 0 || len(blocks)%2 != 0 {
		t.Fatalf("%d blocks of http, want requests and answers", len(blocks))
	}
	for pair := range slices.Chunk(blocks, 2) {
		asked, err := http.ReadRequest(bufio.NewReader(strings.NewReader(pair[0] + "\n")))
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), asked.Method, url+asked.RequestURI, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = asked.Header
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		res.Header.Del("Date")
		dump, err := httputil.DumpResponse(res, false)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(flat(pair[1]), flat(string(dump))); diff != "" {
			t.Errorf("the answer to %s from %s (-page +program):\n%s", asked.RequestURI, req.Header.Get("Origin"), diff)
		}
	}
}

// fenced returns the contents of the blocks of a language.
func fenced(text, language string) (blocks []string) {
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
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
