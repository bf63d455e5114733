package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	agents "github.com/manyvox/manyvox/agents/builtin"
	channels "github.com/manyvox/manyvox/channels/builtin"
	"github.com/manyvox/manyvox/cmd"
	"github.com/manyvox/manyvox/cmd/cmdtest"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// file is a file that a page shows: its name stands in the line before it.
var file = regexp.MustCompile("(?m)^`([\\w./-]+)`[^\n]*:\n\n```\\w+\n((?s:.*?\n))```$")

// commands are what a page has its reader type.
var commands = regexp.MustCompile("(?m)^```sh\n((?s:.*?\n))```$")

// said is what a program of a page prints: that it was answered twice alike, in pieces, and
// why it was refused.
var said = regexp.MustCompile(`(?i)^reply: hello\nreply: hello\n(delta: .*\n){3}error: invalid.?argument INVALID_ARGUMENT\n$`)

// colour is what some programs write around their output.
var colour = regexp.MustCompile("\x1b\\[[0-9]*m\n?")

// page is docs/clients/<language>.md.
type page struct{ language, text string }

func pages(t *testing.T) (list []page) {
	t.Helper()
	names, err := filepath.Glob("../../docs/clients/*.md")
	if err != nil || len(names) < 2 {
		t.Fatalf("%d pages, %v", len(names), err)
	}
	for _, name := range names {
		language := strings.TrimSuffix(filepath.Base(name), ".md")
		switch language {
		case "matrix", "README", "javascript", "python-package": // the latter are of package clients
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, page{language, string(text)})
	}
	return list
}

// TestPagesShowFiles compares the files that pages show with those that are here.
func TestPagesShowFiles(t *testing.T) {
	t.Parallel()
	for _, p := range pages(t) {
		shown := file.FindAllStringSubmatch(p.text, -1)
		if len(shown) == 0 {
			t.Errorf("docs/clients/%s.md shows no file", p.language)
		}
		for _, f := range shown {
			is, err := os.ReadFile(filepath.Join(p.language, f[1]))
			if err != nil {
				is, err = os.ReadFile(filepath.Join("errors", f[1])) // what several languages share
			}
			if err != nil || string(is) != f[2] {
				t.Errorf("docs/clients/%s.md shows another %s than examples/clients has: %v", p.language, f[1], err)
			}
		}
	}
}

// TestPagesRun does what a person does who reads a page: makes the files, types the commands.
//
//nolint:paralleltest // each of them uses the whole machine
func TestPagesRun(t *testing.T) {
	if *only == "" {
		t.Skip("run by make clients")
	}
	bin, err := filepath.Abs("../../bin")
	if err != nil {
		t.Fatal(err)
	}
	target, err := filepath.Abs("rust/target")
	if err != nil {
		t.Fatal(err)
	}
	p := cmd.Program{Channels: channels.Types(), Agents: agents.Types(), Stores: []journal.Type{memory.Type()}}
	url := cmdtest.Start(t, p, "rest:", "agent: {type: echo, pause: 1ms}", "--quiet")
	ran := 0
	for _, p := range pages(t) {
		if *only != "all" && !slices.ContainsFunc(libraries(), func(l library) bool {
			return l.folder == p.language && slices.Contains(strings.Split(*only, ","), l.name)
		}) {
			continue
		}
		ran++
		t.Run(p.language, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range file.FindAllStringSubmatch(p.text, -1) {
				path := filepath.Join(dir, f[1])
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(f[2]), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for i, block := range commands.FindAllStringSubmatch(p.text, -1) {
				lines := strings.Split(strings.TrimSpace(block[1]), "\n")
				if len(lines) > 5 {
					t.Errorf("%d commands, want 5 at most", len(lines))
				}
				shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail")
				shell.Dir = dir
				shell.Stdin = strings.NewReader("exec 3>&1 >&2\n" + strings.Join(lines[:len(lines)-1], "\n") + "\nexec >&3\n" + lines[len(lines)-1])
				shell.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "MANYVOX_URL="+url,
					"MANYVOX_ADDRESS="+strings.TrimPrefix(url, "http://"), "GOFLAGS=", "PYTHONPATH=", "CARGO_TARGET_DIR="+target)
				shell.Stderr = t.Output()
				out, err := shell.Output()
				if err != nil || !said.Match(colour.ReplaceAll(out, nil)) {
					t.Errorf("block %d: %v\n%s", i+1, err, out)
				}
			}
		})
	}
	if ran == 0 {
		t.Error("no page was run")
	}
}
