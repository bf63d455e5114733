package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/manyvox/manyvox/config"
)

func lookupEnv(name string) (string, bool) {
	value, ok := map[string]string{"SET": "value", "EMPTY": "", "NESTED": "${SET}", "SPECIAL": "a: {b} # \"c\""}[name]
	return value, ok
}

func readFile(path string) ([]byte, error) {
	switch path {
	case "/key":
		return []byte("line\nline\r\n\n"), nil
	case "/bare":
		return nil, errors.New("no disk")
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

func TestExpander(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, want string }{
		{"plain", "${SET}", "value"},
		{"within", "a ${SET}b", "a valueb"},
		{"several", "${SET}/${SET}", "value/value"},
		{"double quotes", `"a\t${SET}"`, "a\tvalue"},
		{"single quotes", "'${SET}'", "${SET}"},
		{"literal", "|-\n  ${SET}", "${SET}"},
		{"in quotes within a list of one", `["${SET}"]`, "value"},
		{"empty", "${EMPTY}", ""},
		{"default", "${UNSET:-a b}", "a b"},
		{"default for an empty one", "${EMPTY:-a}", "a"},
		{"default not needed", "${SET:-a}", "value"},
		{"default of nothing", "${UNSET:-}", ""},
		{"default with colons", "${UNSET:-http://x:1/}", "http://x:1/"},
		{"file", "${file:/key}", "line\nline"},
		{"expanded once", "${NESTED}", "${SET}"},
		{"a value is no YAML", "${SPECIAL}", `a: {b} # "c"`},
		{"a dollar", "a$b $ $$ cost$", "a$b $ $$ cost$"},
		{"no braces", "$SET", "$SET"},
		{"no name", "${}", "${}"},
		{"no such form", "${1} ${A-B} ${A.B} ${file:}", "${1} ${A-B} ${A.B} ${file:}"},
		{"no end", "${SET", "${SET"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got settings
			if err := decode("names: "+c.yaml, &got); err != nil || len(got.Names) != 1 || got.Names[0] != c.want {
				t.Errorf("text %q (%v), want %q", got.Names, err, c.want)
			}
		})
	}
}

func TestExpanderTypes(t *testing.T) {
	t.Parallel()
	var got settings
	if err := decode("count: ${UNSET:-5}\nenabled: ${UNSET:-true}\ntoken: ${SET}", &got); err != nil {
		t.Fatal(err)
	}
	if got.Count != 5 || !got.On || got.Token != "value" {
		t.Errorf("%+v", got)
	}
}

func TestExpanderRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, want string }{
		{"unset", "text: a\ntoken: ${UNSET}", "c.yml:2: ${UNSET} is not set: set it, or write ${UNSET:-default}"},
		{"below", "inner:\n  next:\n    url: x${UNSET}", "c.yml:3: ${UNSET} is not set: set it, or write ${UNSET:-default}"},
		{"in a list", "names:\n- a\n- \"${UNSET}\"", "c.yml:3: ${UNSET} is not set: set it, or write ${UNSET:-default}"},
		{
			"two", "token: ${A}${B}",
			"c.yml:1: ${A} is not set: set it, or write ${A:-default}\n${B} is not set: set it, or write ${B:-default}",
		},
		{"no file", "token: ${file:/none}", "c.yml:1: ${file:/none} cannot be read: file does not exist"},
		{"no reading", "token: ${file:/bare}", "c.yml:1: ${file:/bare} cannot be read: no disk"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := parse(c.yaml); text(err) != c.want {
				t.Errorf("error\n%s\nwant\n%s", text(err), c.want)
			}
		})
	}
}

// TestExpanderDefaults reads the process's environment and a real file.
func TestExpanderDefaults(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("k\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, expand := range []*config.Expander{nil, {}} {
		b, err := config.Parse("c.yml", []byte("a: ${file:"+path+"}\nb: ${MANYVOX_NO_SUCH_VARIABLE:-d}"), expand)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := b.Text("a")
		if d, _ := b.Text("b"); a != "k" || d != "d" {
			t.Errorf("%q and %q, want k and d", a, d)
		}
	}
}
