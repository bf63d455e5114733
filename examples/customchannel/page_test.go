package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a block of code, or the name of a file in the text.
var block = regexp.MustCompile("(?s)`(\\w+\\.go)`|```(go|yaml)\n(.*?)```")

// pageFiles returns the files that the page has its reader write. A block that has no
// package clause goes on with the file before it.
func pageFiles(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	files, named, open := map[string]string{}, "", ""
	for _, found := range block.FindAllStringSubmatch(string(text), -1) {
		name, language, code := found[1], found[2], found[3]
		switch {
		case name != "":
			named = name
			continue
		case language == "yaml":
			files["credentials.yml"] += code
			continue
		case strings.Contains(code, "package main\n"):
			if open = named; files[open] != "" {
				t.Errorf("%s: two files are called %s", page, open)
			}
		default:
			code = "\n" + code
		}
		files[open] += code
	}
	return files
}

// goMod is that of a reader who has replaced the module by a clone. Its dependencies are
// listed, so that nothing is downloaded.
func goMod(t *testing.T, clone string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(clone, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "\n")
	if !ok {
		t.Fatal("go.mod has one line")
	}
	return "module example.com/mychannel\n" + rest +
		"\nrequire github.com/manyvox/manyvox v0.0.0\nreplace github.com/manyvox/manyvox => " + clone + "\n"
}

// The page works from an empty folder: its program is built, its tests pass, and its
// configuration is one.
func TestPageFromAnEmptyFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clone, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	files := pageFiles(t)
	sums, err := os.ReadFile(filepath.Join(clone, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"main.go", "myio.go", "textline.go", "contract_test.go", "credentials.yml"} {
		if files[name] == "" {
			t.Errorf("%s: %s is missing", page, name)
		}
	}
	files["go.mod"], files["go.sum"] = goMod(t, clone), string(sums)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(want string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("go %s: %v, want %q in\n%s", strings.Join(args, " "), err, want, out)
		}
	}
	run("", "vet", ".")
	run("--- PASS: TestTextlineContract", "test", "-v", ".")
	run("textline", "run", ".", "check")
}
