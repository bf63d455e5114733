package config_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/config"
)

// slips are what people get wrong in YAML, each with the line and the advice of its error.
var slips = []struct{ name, yaml, want string }{
	{"a tab", "inner:\n\turl: a", "2: indented by a tab: use spaces"},
	{"a tab below spaces", "inner:\n  url: a\n\tnext:", "3: indented by a tab: use spaces"},
	{"a no-break space", "inner:\n\u00a0 url: a", "2: indented by a no-break space: use plain spaces"},
	{"no colon", "inner:\n  url: a\n  next b", "3: a colon is missing"},
	{"no colon in the first key", "inner:\n  url a\n  next:", "2: a colon is missing"},
	{"no colon behind a block", "inner\n  url: a", "1: a colon is missing"},
	{"no colon before a brace", "inner {\n  url: a\n}", "1: a colon is missing"},
	{"no colon at all", "inner:\n  url a", "2: inner: expected keys under it: a colon is missing"},
	{"a word alone", "some words", "1: not a mapping: expected names with their settings, such as \"rest:\": a colon is missing"},
	{"no space", "inner:\n  url:a\n  next:", "2: a space is missing behind the colon"},
	{"no space in the last key", "inner:\n  next:\n  url:a", "3: inner.next: expected keys under it: a space is missing behind the colon"},
	{"no space at all", "inner:\n  url:a", "2: inner: expected keys under it: a space is missing behind the colon"},
	{"no space behind a dash", "names:\n  - a\n  -b", "3: a space is missing behind the dash"},
	{"no space behind any dash", "names:\n  -a\n  -b", "3: names: expected a list: a space is missing behind the dash"},
	{"a no-break space behind the colon", "inner:\n  url:\u00a0a", "2: inner: expected keys under it: a no-break space behind the colon: use a plain one"},
	{"a full-width colon", "inner:\n  url\uff1aa", "2: inner: expected keys under it: a full-width colon: use a plain one, and a space behind it"},
	{"no key", ": a", "1: a key is missing before the colon"},
	{"an equals sign", "text: a\ncount = 1", "2: expected \"key: value\": use a colon and a space in place of ="},
	{"an equals sign below", "inner:\n  url=a", "2: inner: expected keys under it: expected \"key: value\": use a colon and a space in place of ="},
	{"INI", "[rest]\ntoken = 1", "2: expected \"key: value\": use a colon and a space in place of ="},
	{"slashes", "// all\ntext: a", "1: a comment begins with #"},
	{"slashes behind a key", "inner: // all", "1: inner: expected keys under it: a comment begins with #"},
	{"a semicolon", "; all\ntext: a", "1: a comment begins with #"},

	{"@", "text: @s3cr3t", "1: a value begins with @: quote it"},
	{"`", "text: `s3cr3t", "1: a value begins with `: quote it"},
	{"%", "text: %s3cr3t", "1: a value begins with %: quote it"},
	{"*", "text: *s3cr3t", "1: an alias (*) without its anchor: quote a value that begins like one"},
	{"&", "text: &s3cr3t", "1: a value begins with &: quote it"},
	{"!", "text: !s3cr3t", "1: a tag (!) is not supported: quote a value that begins like one"},
	{"|", "text: |s3cr3t", "1: a value begins with |: quote it"},
	{">", "text: >s3cr3t", "1: a value begins with >: quote it"},
	{"a dash", "text: - s3cr3t", "1: a value begins with -: quote it"},
	{"a question mark", "text: ? s3cr3t", "1: a value begins with ?: quote it"},
	{"]", "text: ]s3cr3t", "1: a value begins with ]: quote it"},
	{"{", "text: {s3cr3t", "1: a value begins with {, which is not closed: quote it if it is a text, else close it"},
	{"{ and }", "text: {s3cr3t}", "1: text: expected a text: quote a value that begins with {"},
	{"{{ and }}", "text: {{ s3cr3t }}", "1: a value begins with {: quote it if it is a text; else see to its commas and colons"},
	{"text behind }", "text: {s3}cr3t", "1: a value begins with {: quote it"},
	{"[", "text: [s3cr3t", "1: a value begins with [, which is not closed: quote it if it is a text, else close it"},
	{"[ and ]", "text: [s3cr3t]", "1: text: expected a text: quote a value that begins with ["},
	{"text behind ]", "text: [s3]cr3t", "1: a value begins with [: quote it"},
	{"#", "token: #s3cr3t", "1: token: expected a secret that is not empty; without one leave it out; quote one that begins with #"},
	{"a colon and a space", "text: s3cr3t: b", "1: a value has a colon with a space behind it: quote it"},
	{"a colon at the end", "text: s3cr3t:", "1: a value has a colon with a space behind it: quote it"},
	{"a URL with a space", "inner:\n  url: http: //a", "2: a value has a colon with a space behind it: quote it"},

	{"an open double quote", "text: \"s3cr3t\ncount: 1", "1: a quote is not closed: close it"},
	{"an open single quote", "text: 's3cr3t\ncount: 1", "1: a quote is not closed: close it"},
	{"an open quote before another", "inner:\n  url: \"s3cr3t\n\n  next: \"b\"", "2: a quote is not closed: close it"},
	{"unlike quotes", "text: 's3cr3t\"", "1: a quote is not closed: close it"},
	{"an open quote of a key", "text: a\n\"count: 1", "2: a quote is not closed: close it"},
	{"text behind a double quote", "text: \"s3\"cr3t", "1: a text goes on behind its closing quote: quote all of it, and write \\\" for a \" in it"},
	{"an apostrophe", "text: 's3'cr3t'", "1: a text goes on behind its closing quote: quote all of it, and write '' for a ' in it"},
	{"a backslash", "text: \"C:\\s3cr3t\"", "1: a \\ in double quotes begins an escape: use single quotes"},

	{"too deep", "inner:\n  url: a\n    next:", "3: indented deeper than the line above, which has its value already: begin the keys of one block in the same column"},
	{"too deep by one", "text: a\n\n count: 1", "3: indented deeper than the line above, which has its value already: begin the keys of one block in the same column"},
	{"not deep enough", "inner:\n  url: a\n next:", "3: indented like no line above it: begin the keys of one block in the same column"},
	{"the first too deep", "  text: a\ncount: 1", "2: indented like no line above it: begin the keys of one block in the same column"},
	{"a text too far left", "inner:\n  url: |\n  s3cr3t", "3: a text below | or > stands too far left: indent it deeper than its key"},
	{"no comma", "inner: {\n  url: a\n  next:\n}", "3: a comma or a closing bracket is missing: separate what stands in brackets by commas, and close them"},
	{"a brace that stays open", "{\"inner\": {\"url\": \"a\"}", "1: a value begins with {, which is not closed: quote it if it is a text, else close it"},

	{"a list of keys", "inner:\n  - url: a", "2: inner: expected keys under it: found a list: leave out the dashes"},
	{"a list in brackets", "inner: [url]", "1: inner: expected keys under it: found a list in brackets"},
	{"a list at the top", "- inner:", "1: not a mapping: expected names with their settings, such as \"rest:\": found a list: leave out the dashes"},
	{"keys for a text", "text:\n  a: b", "2: text: expected a text: found keys under it"},
	{"a list for a text", "text:\n  - a", "2: text: expected a text: found a list: leave out the dash"},
	{"keys for a list", "names:\n  a: b", "2: names: expected a list, such as [a, b]: found keys under it"},
	{"a list for a number", "count:\n  - 1", "2: count: expected a whole number: found a list: leave out the dash"},
	{"thousands", "count: 1,000", "1: count: expected a whole number"},
	{"a unit apart", "wait: 30 s", "1: wait: expected a duration such as \"30s\" or \"5m\""},
}

// TestEdge08_10_Slips gives each slip file, line, what is wrong and what to do, and quotes no
// value, which may be a secret.
func TestEdge08_10_Slips(t *testing.T) {
	t.Parallel()
	for _, c := range slips {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s settings
			got := text(decode(c.yaml, &s))
			got = strings.Replace(got, " channel rest:", "", 1)
			if got != "c.yml:"+c.want {
				t.Errorf("error\n%s\nwant\nc.yml:%s", got, c.want)
			}
			if strings.Contains(got, canary) || strings.Contains(got, "cr3t") {
				t.Errorf("error %s", got)
			}
		})
	}
}

// TestEdge08_10_NotIndented: a key at the margin that was meant to be under the name above.
func TestEdge08_10_NotIndented(t *testing.T) {
	t.Parallel()
	const want = "c.yml:2: token: expected keys under it, or nothing: indent it if it is meant to be under the key above"
	if _, err := block(t, "rest:\ntoken: abc\n").Sub("token"); text(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// TestEdge08_10_Anchor: what stands behind & is silently no part of a value, so it is warned of.
func TestEdge08_10_Anchor(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		"a: 1\ntext: &s3cr3t b": "c.yml:2: an anchor (&) that no alias (*) uses: quote a value that begins with &",
		"text: &b c\na: *b":     "",
		"x-a: &b {c: d}":        "",
	} {
		b, err := config.Parse("c.yml", []byte(yaml), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(b.Warnings(), "|"); got != want {
			t.Errorf("%s: warnings %q, want %q", yaml, got, want)
		}
	}
}

// TestEdge08_10_Text: what YAML takes for a number or a truth value is a text as it is written
// where a text is asked for, so nothing has to be quoted.
func TestEdge08_10_Text(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"0123", "yes", "12", "1e3", "null-ish", "a#b", "-5", "http://a:80/", "}a", ",a"} {
		var s settings
		if err := decode("text: "+value, &s); err != nil || s.Text != value {
			t.Errorf("%s: %q, %v", value, s.Text, err)
		}
	}
}
