package config_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/config"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, yaml string
		want       []string
	}{
		{"empty", "", nil},
		{"white space", " \n\n", nil},
		{"comment", "# rest:\n", nil},
		{"an empty document", "---\n# rest:\n", nil},
		{"names alone", "rest:\ncallback:\n", []string{"rest", "callback"}},
		{"the order of the file", "b: {}\na: {}\nc:\n", []string{"b", "a", "c"}},
		{"a dotted name", "rasa.core.channels.rest.RestInput:\n", []string{"rasa.core.channels.rest.RestInput"}},
		{"quoted names", "\"a b\":\n'c':\n", []string{"a b", "c"}},
		{"names like numbers", "0123:\ntrue:\n", []string{"0123", "true"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, err := parse(c.yaml)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.Keys(); strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("keys %q, want %q", got, c.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const noMapping = `c.yml:1: not a mapping: expected names with their settings, such as "rest:"`
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'h'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 10))
	}
	for _, c := range []struct{ name, yaml, want string }{
		{"a list", "- rest\n", noMapping + ": found a list: leave out the dashes"},
		{"a scalar", "rest\n", noMapping},
		{"a second document", "a:\n---\nb:\n", "c.yml:3: a second YAML document: keep everything in one"},
		{"a second document behind an empty one", "a:\n---\n---\nb:\n", "c.yml:3: a second YAML document: keep everything in one"},
		{"the same key twice", "a: 1\nb: 2\na: 3\n", `c.yml:3: mapping key "a" already defined at [1:1]: keep one`},
		{"the same key in quotes", "a: 1\n\"a\": 2\n", `c.yml:2: mapping key "a" already defined at [1:1]: keep one`},
		{"the same key below", "a:\n  b: 1\n  b: 2\n", `c.yml:3: mapping key "b" already defined at [2:3]: keep one`},
		{"the same key in braces", "a: {b: 1, b: 2}\n", `c.yml:1: mapping key "b" already defined at [1:5]: keep one`},
		{"indented by a tab", "a:\n\tb: 1\n", "c.yml:2: indented by a tab: use spaces"},
		{"an alias of nothing", "a: 1\nb: *a\n", "c.yml:2: an alias (*) without its anchor: quote a value that begins like one"},
		{"an alias of itself", "a: &a [*a]\n", "c.yml:1: an alias (*) without its anchor: quote a value that begins like one"},
		{"a tag", "a: !!binary aGk=\n", "c.yml:1: a tag (!) is not supported: quote a value that begins like one"},
		{"a tag of ours", "a: {b: [!env X]}\n", "c.yml:1: a tag (!) is not supported: quote a value that begins like one"},
		{"a list to merge", "a:\n  <<: [b]\n", "c.yml:2: <<: expected an alias of a mapping"},
		{"a complex key", "? a\n: b\n", "c.yml:1: a key with ?, &, * or ! before it: expected its name alone"},
		{"a key with an anchor", "&x a: b\n", "c.yml:1: a key with ?, &, * or ! before it: expected its name alone"},
		{"a key with a tag", "!!str a: b\n", "c.yml:1: a key with ?, &, * or ! before it: expected its name alone"},
		{"aliases that explode", bomb, "c.yml:5: too large once its aliases are followed"},
		{"brackets that go deep", "a: " + strings.Repeat("[", 50_000), "c.yml:1: more than 100 levels deep"},
		{"braces that go deep", "a:\n " + strings.Repeat("{a: ", 50_000), "c.yml:2: more than 100 levels deep"},
		{"dashes that go deep", "a:\n " + strings.Repeat("- ", 50_000), "c.yml:2: more than 100 levels deep"},
		{"a large file", strings.Repeat("# rest\n", 40_000), "c.yml: larger than 256 KiB"},
		{"Latin-1", "a: \xe9\n", "c.yml: not UTF-8"},
		{"UTF-16", "\xff\xfea\x00:\x00", "c.yml: not UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := parse(c.yaml); text(err) != c.want {
				t.Errorf("error\n%s\nwant\n%s", text(err), c.want)
			}
		})
	}
}

// TestErrorsHideValues has a secret where a person may well put one wrongly: no error
// quotes it.
func TestErrorsHideValues(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"*s3cr3t", "&s3cr3t", "!s3cr3t", "!!s3cr3t", "|s3cr3t", ">s3cr3t", "@s3cr3t", "`s3cr3t", "%s3cr3t",
		"s3c: s3cr3t", "{s3cr3t", "{s3cr3t}", "[s3cr3t", "[s3cr3t]", `"s3cr3t`, "'s3cr3t", `"a" s3cr3t`, `"s3cr3t\q"`, `"\s3cr3t"`,
		"a\n  s3cr3t: b", "a\n s3cr3t\n- b", "{a: s3cr3t, a: b}", "- s3cr3t", "? s3cr3t", "s3cr3t: ", "<<: s3cr3t",
	} {
		for _, key := range []string{"token", "count", "enabled", "wait", "level", "names", "headers", "numbers", "unknown"} {
			t.Run(key+" "+value, func(t *testing.T) {
				t.Parallel()
				var s settings
				if err := decode(key+": "+value+"\n", &s); strings.Contains(text(err), canary) {
					t.Errorf("error %v", err)
				}
			})
		}
	}
}

const credentials = `rest:
callback:
  url: https://x/y
  headers:
    a: b
twice: [1, 2]
`

func TestBlockSub(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want, at, wantError string
	}{
		{name: "callback", want: "url|headers", at: "c.yml:2"},
		{name: "rest", at: "c.yml:1"},
		{name: "absent", at: "c.yml:1"},
		{name: "twice", wantError: "c.yml:6: twice: expected keys under it, or nothing: found a list in brackets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sub, err := block(t, credentials).Sub(c.name)
			if text(err) != c.wantError {
				t.Fatalf("error %v, want %s", err, c.wantError)
			}
			if err == nil && (strings.Join(sub.Keys(), "|") != c.want || sub.At("") != c.at) {
				t.Errorf("keys %q at %s, want %s at %s", sub.Keys(), sub.At(""), c.want, c.at)
			}
		})
	}
}

func block(t *testing.T, yaml string) *config.Block {
	t.Helper()
	b, err := parse(yaml)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBlockText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, want, wantError string }{
		{"text", "a: b", "b", ""},
		{"number", "a: 010", "010", ""},
		{"no value", "a:", "", ""},
		{"no key", "b: c", "", ""},
		{"list", "a: [b]", "", "c.yml:1: a: expected a text: quote a value that begins with ["},
		{"block", "a: {b: c}", "", "c.yml:1: a: expected a text: quote a value that begins with {"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := block(t, c.yaml).Text("a")
			if got != c.want || text(err) != c.wantError {
				t.Errorf("text %q, error %v, want %q and %s", got, err, c.want, c.wantError)
			}
		})
	}
}

func TestBlockErrors(t *testing.T) {
	t.Parallel()
	sub, err := block(t, credentials).Sub("callback")
	if err != nil {
		t.Fatal(err)
	}
	sub = sub.Named("channel callback")
	cause := errors.New("headers: a: refused")
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"at a key", sub.Errorf("url", "url: not https"), "c.yml:3: channel callback: url: not https"},
		{"at no key", sub.Errorf("token", "token is required"), "c.yml:2: channel callback: token is required"},
		{"no error", sub.Wrap(nil), ""},
		{"wrapped", sub.Wrap(errors.New("url: not https")), "c.yml:3: channel callback: url: not https"},
		{"wrapped, of no key", sub.Wrap(errors.New("it failed: url: not https")), "c.yml:2: channel callback: it failed: url: not https"},
		{
			"wrapped, several", sub.Wrap(errors.Join(cause, errors.New("token is required"))),
			"c.yml:4: channel callback: headers: a: refused\nc.yml:2: channel callback: token is required",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, text(c.err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
	if !errors.Is(sub.Wrap(errors.Join(cause)), cause) {
		t.Error("Wrap loses the cause")
	}
}

// TestEdge08_08Unclosed: a reference that is not closed is taken as it is written, and warned
// of.
func TestEdge08_08Unclosed(t *testing.T) {
	t.Parallel()
	for value, warns := range map[string]bool{
		"${ABC": true, "a${ABC b": true, "${file:/x": true, "$ABC": false, "$": false, "${}": false, "a{ABC": false, "'${ABC'": false, "${ABC:-x}": false,
	} {
		b, err := config.Parse("c.yml", []byte("# first\na: "+value+"\n"), nil)
		if err != nil {
			t.Errorf("%s: %v", value, err)
			continue
		}
		var want []string
		if warns {
			want = []string{"c.yml:2: a ${ without its } is taken as it is written"}
		}
		if diff := cmp.Diff(want, b.Warnings()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", value, diff)
		}
		if text, err := b.Text("a"); err != nil || warns && text != value {
			t.Errorf("%s: %q, %v", value, text, err)
		}
	}
}

// TestEdge08_10Anchors: keys at the top that begin with x- hold anchors and nothing else.
func TestEdge08_10Anchors(t *testing.T) {
	t.Parallel()
	b, err := config.Parse("c.yml", []byte("x-common: &c {token: abc}\nx-more: 3\nrest:\n  <<: *c\n  x-y: 1\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"rest"}, b.Keys()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	rest, err := b.Sub("rest")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"token", "x-y"}, rest.Keys()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
