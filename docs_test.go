package manyvox_test

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocs looks for files and symbols that do not exist in the documents, the comments
// of the .proto files and the comments of the Go code.
func TestDocs(t *testing.T) {
	t.Parallel()
	tr, lines := readTree(t)
	if len(lines) < 1000 {
		t.Fatalf("only %d lines are read", len(lines))
	}
	for _, l := range lines {
		for _, name := range tr.missing(l) {
			t.Errorf("%s: %s does not exist", l.at, name)
		}
	}
}

// TestMissing looks in made-up text for names of a made-up tree.
func TestMissing(t *testing.T) {
	t.Parallel()
	tr := tree{files: map[string]bool{}, folders: map[string]bool{}, symbols: map[string]map[string]bool{
		"channels": {"Part": true, "Part.ID": true, "Webhook": true, "Webhook.*": true},
	}}
	for _, name := range []string{"docs", "docs/a.md", "channels", "channels/part.go", "channels/rest", "channels/rest/rest.go", "web", "web/kit.mjs"} {
		tr.files[name] = true
		tr.folders[path.Base(path.Dir(name))] = true
	}
	doc := func(text string) line { return line{dir: "docs", text: text} }
	comment := func(text string) line { return line{dir: "channels", pkg: "channels", text: "// " + text} }
	for _, c := range []struct {
		name string
		in   line
		want []string
	}{
		{"a file", doc("See channels/part.go and channels/parts.go."), []string{"channels/parts.go"}},
		{"a script", doc("web/kit.mjs, web/test/kit.mjs"), []string{"web/test/kit.mjs"}},
		{"a file of any folder", doc("`rest.go`, `gone.go`"), []string{"gone.go"}},
		{"a file of the package", comment("See part.go, not rest.go."), []string{"rest.go"}},
		{"a file below the package", comment("rest/rest.go, rest/gone.go"), []string{"rest/gone.go"}},
		{"a pattern", comment("rest/*.go, rest/*.ts"), []string{"rest/*.ts"}},
		{"a link", doc("[a](a.md#x) [b](b.md) [c](../docs/c.md) [d](#d)"), []string{"../docs/c.md", "b.md"}},
		{"a path from a folder below", doc("rest/rest.go, rest/parts.go"), []string{"rest/parts.go"}},
		{"files of others", doc("your credentials.yml, rasa/core/x.yml, https://x.example/channels/x.md"), nil},
		{"endings", comment("_test.go, *.go"), nil},
		{"a symbol", doc("`channels.Part`, `channels.Parcel`"), []string{"channels.Parcel"}},
		{"a symbol as plain text", doc("channels.Parcel"), nil},
		{"a member", comment("channels.Part.ID, channels.Part.Number."), []string{"channels.Part.Number"}},
		{"a member that may be embedded", comment("channels.Webhook.Inbound"), nil},
		{"symbols of others", comment("http.Handler, v1.channels.Parcel"), nil},
		{"an import of the same name", line{pkg: "x", text: "channels.Parcel", foreign: []string{"channels"}}, nil},
		{"a doc link", comment("[Part], [Part.Number], [Parcel]: T[K], [A](x)"), []string{"channels.Part.Number", "channels.Parcel"}},
	} {
		if diff := cmp.Diff(c.want, tr.missing(c.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

var (
	url      = regexp.MustCompile(`\w+://\S+`)
	filename = regexp.MustCompile(`[\w./*-]*[\w*-]\.(?:go|md|ts|mjs|proto|yml)\b`)
	target   = regexp.MustCompile(`\]\(([^)#:\s]+)`) // of a Markdown link
	docLink  = regexp.MustCompile(`(?:^|[^\w\]])\[([A-Z]\w*(?:\.[A-Z]\w*)?)\](?:[^(\w\[]|$)`)
	symbol   = regexp.MustCompile(`(?:^|[^\w./])([a-z][a-z0-9]*)\.([A-Z]\w*(?:\.[A-Z]\w*)?)`)
	span     = regexp.MustCompile("`[^`]+`")
)

// missing returns the names in a line that do not exist.
func (tr tree) missing(l line) (names []string) {
	text := url.ReplaceAllString(l.text, "")
	for _, name := range filename.FindAllString(text, -1) {
		if tr.claims(name) && !tr.resolves(name, l) {
			names = append(names, name)
		}
	}
	code := text
	if l.pkg == "" {
		for _, m := range target.FindAllStringSubmatch(text, -1) {
			if !tr.files[path.Join(l.dir, m[1])] && !slices.Contains(names, m[1]) {
				names = append(names, m[1])
			}
		}
		code = strings.Join(span.FindAllString(text, -1), " ")
	} else {
		for _, m := range docLink.FindAllStringSubmatch(text, -1) {
			if !tr.declares(l.pkg, m[1]) {
				names = append(names, l.pkg+"."+m[1])
			}
		}
	}
	for _, m := range symbol.FindAllStringSubmatch(code, -1) {
		if tr.symbols[m[1]] != nil && !slices.Contains(l.foreign, m[1]) && !tr.declares(m[1], m[2]) {
			names = append(names, m[1]+"."+m[2])
		}
	}
	return names
}

// claims reports whether a name means a file of ours: a bare Go file, or a path whose
// first folder has the name of one of ours.
func (tr tree) claims(name string) bool {
	first, _, found := strings.Cut(strings.TrimPrefix(name, "./"), "/")
	if !found {
		return path.Ext(name) == ".go" && !strings.HasPrefix(name, "_") && !strings.HasPrefix(name, "*")
	}
	return first == ".." || tr.folders[first]
}

// resolves looks for a file from the root, from the line's folder, and for a path from any
// folder. A document belongs to no package, so it may name a Go file of any folder.
func (tr tree) resolves(name string, l line) bool {
	anywhere := l.pkg == "" || strings.Contains(name, "/")
	for file := range tr.files {
		if glob(path.Clean(name), file) || glob(path.Join(l.dir, name), file) || anywhere && glob(name, tail(file, name)) {
			return true
		}
	}
	return false
}

func glob(pattern, file string) bool {
	ok, err := path.Match(pattern, file)
	return ok && err == nil
}

// tail returns the end of a path that has as many elements as name.
func tail(file, name string) string {
	elements := strings.Split(file, "/")
	return strings.Join(elements[max(0, len(elements)-1-strings.Count(name, "/")):], "/")
}

// declares reports whether a package has a symbol.
func (tr tree) declares(pkg, name string) bool {
	s := tr.symbols[pkg]
	owner, _, _ := strings.Cut(name, ".")
	return s[name] || s[owner+".*"] && s[owner]
}
