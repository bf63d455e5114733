package config_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
)

// settings has a field of each kind that Decode knows.
type settings struct {
	Text    string                     `yaml:"text"`
	On      bool                       `yaml:"enabled"`
	Count   int                        `yaml:"count"`
	Size    int64                      `yaml:"size"`
	Rate    float64                    `yaml:"rate"`
	Wait    time.Duration              `yaml:"wait"`
	Level   slog.Level                 `yaml:"level"`
	Names   []string                   `yaml:"names"`
	Inner   inner                      `yaml:"inner"`
	Pointer *inner                     `yaml:"pointer"`
	List    []inner                    `yaml:"list"`
	Numbers map[string]int             `yaml:"numbers"`
	Headers map[string]channels.Secret `yaml:"headers"`
	channels.Guard

	Hidden  string
	Skipped string `yaml:"-"`
}

type inner struct {
	URL  string `yaml:"url"`
	Next *inner `yaml:"next"`
}

func decode(yaml string, into ...any) error {
	b, err := parse(yaml)
	if err != nil {
		return err
	}
	return b.Named("channel rest").Decode(into...)
}

// parse parses a file in which ${SET} is set, ${EMPTY} set to nothing, and
// ${file:/key} readable.
func parse(yaml string) (*config.Block, error) {
	return config.Parse("c.yml", []byte(yaml), &config.Expander{LookupEnv: lookupEnv, ReadFile: readFile})
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, yaml string
		want       settings
	}{
		{"nothing", "", settings{}},
		{"text", "text: a b", settings{Text: "a b"}},
		{"true", "enabled: true", settings{On: true}},
		{"yes", "enabled: Yes", settings{On: true}},
		{"on", "enabled: \"on\"", settings{On: true}},
		{"whole numbers", "count: -5\nsize: 9007199254740993", settings{Count: -5, Size: 9007199254740993}},
		{"leading zeros", "count: 010", settings{Count: 10}},
		{"number", "rate: 1e-3", settings{Rate: 0.001}},
		{"duration", "wait: 1m30s", settings{Wait: 90 * time.Second}},
		{"no duration", "wait: 0", settings{}},
		{"a type that reads text", "level: warn+1", settings{Level: slog.LevelWarn + 1}},
		{"list", "names: [a, \"b\", 03]", settings{Names: []string{"a", "b", "03"}}},
		{"list below", "names:\n  - a\n  - b", settings{Names: []string{"a", "b"}}},
		{"list at the margin", "names:\n- a\n- b", settings{Names: []string{"a", "b"}}},
		{"list of one", "names: a", settings{Names: []string{"a"}}},
		{"empty list", "names: []", settings{Names: []string{}}},
		{"block below", "inner:\n  url: a", settings{Inner: inner{URL: "a"}}},
		{"block in braces", "inner: {url: a}", settings{Inner: inner{URL: "a"}}},
		{"pointers", "pointer: {url: a, next: {url: b}}", settings{Pointer: &inner{URL: "a", Next: &inner{URL: "b"}}}},
		{"list of blocks", "list:\n- url: a\n- url: b", settings{List: []inner{{URL: "a"}, {URL: "b"}}}},
		{"map", "numbers: {a: 1, b: 02}", settings{Numbers: map[string]int{"a": 1, "b": 2}}},
		{"map of secrets", "headers: {X-Key: k}", settings{Headers: map[string]channels.Secret{"X-Key": "k"}}},
		{"embedded", "token: t", settings{Guard: channels.Guard{Token: "t"}}},
		{"no value", "text:\ncount:\nnames:\ninner:\npointer:\nnumbers:", settings{}},
		{"null", "text: null\ncount: ~\ninner: NULL", settings{}},
		{"byte order mark", "\ufefftext: a", settings{Text: "a"}},
		{"lines of Windows", "text: a\r\ncount: 1\r\n", settings{Text: "a", Count: 1}},
		{"directive", "%YAML 1.2\n---\ntext: a\n", settings{Text: "a"}},
		{"comments", "# one\ntext: a # two\n", settings{Text: "a"}},
		{"document marks", "---\ntext: a\n...\n---\n# nothing\n", settings{Text: "a"}},
		{"anchor and alias", "text: &t a\nnames: [*t, *t]", settings{Text: "a", Names: []string{"a", "a"}}},
		{"alias of a block", "inner: &i {url: a}\npointer: *i", settings{Inner: inner{URL: "a"}, Pointer: &inner{URL: "a"}}},
		{
			"a merged key yields to its own", "numbers: &n {a: 1, b: 2}\nheaders:\n  <<: *n\n  b: own",
			settings{Numbers: map[string]int{"a": 1, "b": 2}, Headers: map[string]channels.Secret{"a": "1", "b": "own"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got settings
			if err := decode(c.yaml, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDecodeText keeps texts as the file has them, whatever else YAML would see in them.
func TestDecodeText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, want string }{
		{"leading zeros", "0123", "0123"},
		{"telephone number", "+49123456", "+49123456"},
		{"hexadecimal", "0x1F", "0x1F"},
		{"octal", "0o17", "0o17"},
		{"grouped", "1_000", "1_000"},
		{"fraction", "1.50", "1.50"},
		{"exponent", "1e3", "1e3"},
		{"not a number", ".nan", ".nan"},
		{"infinity", "-.INF", "-.INF"},
		{"date", "2001-01-01", "2001-01-01"},
		{"yes", "yes", "yes"},
		{"True", "True", "True"},
		{"merge", "<<", "<<"},
		{"double quotes", `"a\tb\u00e9\x41"`, "a\tbéA"},
		{"single quotes", `'it''s \t'`, `it's \t`},
		{"quoted null", `"null"`, "null"},
		{"nothing in quotes", `""`, ""},
		{"literal", "|\n  a\n   b\n", "a\n b"},
		{"folded", ">-\n  a\n  b\n", "a b"},
		{"several lines", "a\n  b", "a b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := settings{Text: "default"}
			if err := decode("text: "+c.yaml, &got); err != nil || got.Text != c.want {
				t.Errorf("text %q (%v), want %q", got.Text, err, c.want)
			}
		})
	}
}

func TestDecodeKeepsDefaults(t *testing.T) {
	t.Parallel()
	got := settings{Text: "default", Count: 7, Inner: inner{URL: "u", Next: &inner{URL: "n"}}}
	want := got
	want.Count = 8
	if err := decode("text:\ncount: 8\ninner: {next: {}}", &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestDecodeIntoTwo(t *testing.T) {
	t.Parallel()
	var first, second inner
	var guard channels.Guard
	if err := decode("url: a\ntoken: t", &first, &guard); err != nil || first.URL != "a" || guard.Token != "t" {
		t.Errorf("%+v, %+v, error %v", first, guard, err)
	}
	if err := decode("url: a\ntoken: t", &second); err == nil {
		t.Error("a key that none takes is taken")
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, want string }{
		{"near a key", "txet: a", `c.yml:1: channel rest: unknown key "txet": did you mean "text"?`},
		{"upper case", "\nText: a", `c.yml:2: channel rest: unknown key "Text": did you mean "text"?`},
		{
			"near no key", "something: a",
			`c.yml:1: channel rest: unknown key "something": known are count, enabled, headers, inner, level, list, names, numbers, pointer, rate, size, text, token, wait`,
		},
		{"a field without a name", "Hidden: a", "unknown key"},
		{"a field that is skipped", "-: a", "unknown key"},
		{"below", "inner:\n  url: a\n  ulr: b", `c.yml:3: channel rest: unknown key "inner.ulr": did you mean "url"?`},
		{"far below", "inner: {next:\n {next: {nxt: a}}}", `c.yml:2: channel rest: unknown key "inner.next.next.nxt": did you mean "next"?`},
		{"in a list", "list:\n- url: a\n- utl: b", `c.yml:3: channel rest: unknown key "list[1].utl": did you mean "url"?`},
		{"all at once", "txet: a\ncount: b", "c.yml:1: channel rest: unknown key \"txet\": did you mean \"text\"?\nc.yml:2: channel rest: count: expected a whole number"},
		{"a list for a text", "text: [a]", "c.yml:1: channel rest: text: expected a text: quote a value that begins with ["},
		{"a block for a text", "text:\n  a: b", "c.yml:2: channel rest: text: expected a text: found keys under it"},
		{"a text for a truth value", "enabled: maybe", "c.yml:1: channel rest: enabled: expected true or false"},
		{"a fraction for a whole number", "count: 1.5", "c.yml:1: channel rest: count: expected a whole number"},
		{"a whole number too large", "size: 9223372036854775808", "c.yml:1: channel rest: size: expected a whole number"},
		{"a text for a number", "rate: fast", "c.yml:1: channel rest: rate: expected a number"},
		{"a number for a duration", "wait: 30", `c.yml:1: channel rest: wait: expected a duration such as "30s" or "5m"`},
		{"a type that reads text", "level: loud", "c.yml:1: channel rest: level: expected a whole number"},
		{"a text for a block", "inner: a", "c.yml:1: channel rest: inner: expected keys under it"},
		{"a list for a map", "numbers: [a]", "c.yml:1: channel rest: numbers: expected keys under it: found a list in brackets"},
		{"a text in a map of numbers", "numbers:\n  a: b", "c.yml:2: channel rest: numbers.a: expected a whole number"},
		{"a block in a list of texts", "names: [a, {b: c}]", "c.yml:1: channel rest: names[1]: expected a text: quote a value that begins with {"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s settings
			if got := text(decode(c.yaml, &s)); got != c.want && !strings.Contains(got, c.want+" \"") {
				t.Errorf("error\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestDecodeKnowsNoKey(t *testing.T) {
	t.Parallel()
	const want = `c.yml:1: channel rest: unknown key "a": no key is known here`
	if got := text(decode("a: b", &struct{}{})); got != want {
		t.Errorf("error %s, want %s", got, want)
	}
}

// canary stands for a secret that no error may quote.
const canary = "s3cr3t"

// text is the error's, "" of none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
