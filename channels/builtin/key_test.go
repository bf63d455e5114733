package builtin_test

import (
	"encoding"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// key is a key of a channel's block, as its page shows it.
type key struct{ name, kind, fallback, meaning string }

// keysTable writes the keys of a type. Names, types and defaults are those of its Config,
// what they mean are the comments of the fields.
func keysTable(t *testing.T, typ channels.Type) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| key | type | default | meaning |\n|---|---|---|---|\n")
	for _, k := range keysOf(t, reflect.ValueOf(typ.New()).Elem()) {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.name, k.kind, k.fallback, strings.ReplaceAll(k.meaning, "|", `\|`))
	}
	return b.String()
}

// keysOf returns the keys of a struct in their order. Embedded structs count as part of it.
func keysOf(t *testing.T, v reflect.Value) (keys []key) {
	t.Helper()
	comments := commentsOf(t, v.Type())
	var names []string // what a comment calls a field, and what the page does
	for _, f := range reflect.VisibleFields(v.Type()) {
		if name := yamlName(f); name != "" {
			names = append(names, f.Name, "`"+name+"`")
		}
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch name := yamlName(f); {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			keys = append(keys, keysOf(t, v.Field(i))...)
		case name != "":
			k := describe(f.Name, comments[f.Name], names)
			if k.meaning == "" {
				t.Errorf("%v: the field %s needs a comment: it is what the page says of the key %q", v.Type(), f.Name, name)
			}
			if value := show(v.Field(i)); value != "" {
				k.fallback = value
			}
			k.name, k.kind = name, kindOf(f.Type)
			keys = append(keys, k)
		}
	}
	return keys
}

func yamlName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return strings.Trim(name, "-")
}

// modulePath is where the packages of this module begin.
const modulePath = "github.com/manyvox/manyvox/"

// commentsOf returns the comment of each field of a struct, from its source.
func commentsOf(t *testing.T, of reflect.Type) map[string]string {
	t.Helper()
	folder := filepath.Join("../..", strings.TrimPrefix(of.PkgPath(), modulePath))
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no source: %v", folder, err)
	}
	comments := map[string]string{}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != of.Name() {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				addComments(comments, s)
			}
			return false
		})
	}
	return comments
}

// addComments adds the comment of each field. One that speaks of two, "A and B are ...", is that
// of the next field too.
func addComments(comments map[string]string, s *ast.StructType) {
	last := ""
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			comment := strings.Join(strings.Fields(f.Doc.Text()), " ")
			if m := subject.FindStringSubmatch(last); comment == "" && m != nil && m[2] == name.Name {
				comment = last
			}
			comments[name.Name], last = comment, comment
		}
	}
}

var (
	subject     = regexp.MustCompile(`^(\w+)(?: and (\w+))? `) // what a comment speaks of
	sentenceEnd = regexp.MustCompile(`\.(?:\s+|$)`)
	quoted      = regexp.MustCompile(`"([^"]+)"`)
	literal     = regexp.MustCompile(`--[a-z][a-z-]*|/\S*<\S+>\S*`)
	noZeros     = regexp.MustCompile(`([hm])(?:0[ms])+$`) // at the end of a time
)

// describe takes the comment of a field apart. "Required." and "Default x." are what the
// column of the default says, the rest is the meaning. Names holds the fields and their keys.
func describe(field, comment string, names []string) (k key) {
	var meaning []string
	for _, sentence := range sentenceEnd.Split(comment, -1) {
		value, isDefault := strings.CutPrefix(sentence, "Default ")
		switch {
		case sentence == "":
		case sentence == "Required":
			k.fallback = "required"
		case isDefault:
			k.fallback = inPage(value, names)
		default:
			meaning = append(meaning, sentence)
		}
	}
	for i, sentence := range meaning {
		if i == 0 {
			if m := subject.FindStringSubmatch(sentence); m != nil && (m[1] == field || m[2] == field) {
				sentence = sentence[len(m[0]):]
			}
			for _, verb := range []string{"is ", "are ", "says "} {
				sentence = strings.TrimPrefix(sentence, verb)
			}
		}
		meaning[i] = inPage(sentence, names)
	}
	k.meaning = strings.Join(meaning, ". ")
	return k
}

// inPage writes the fields as keys; what is quoted, flags and paths with a placeholder as code.
func inPage(text string, names []string) string {
	text = quoted.ReplaceAllString(text, "`$1`")
	text = literal.ReplaceAllString(text, "`$0`")
	for i := 0; i < len(names); i += 2 {
		text = regexp.MustCompile(`\b`+names[i]+`\b`).ReplaceAllString(text, names[i+1])
	}
	return text
}

// show writes a default as it would stand in the block, "" for none.
func show(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case bool:
		return fmt.Sprintf("`%t`", value)
	case time.Duration:
		if value != 0 {
			return "`" + noZeros.ReplaceAllString(value.String(), "$1") + "`"
		}
		return ""
	}
	if v.IsZero() {
		return ""
	}
	if v.Kind() == reflect.Slice {
		values := make([]string, v.Len())
		for i := range values {
			values[i] = show(v.Index(i))
		}
		return strings.Join(values, ", ")
	}
	return fmt.Sprintf("`%v`", v.Interface())
}

// kindOf names the type of a key.
func kindOf(of reflect.Type) string {
	switch {
	case of == reflect.TypeFor[channels.Secret]():
		return "secret"
	case of == reflect.TypeFor[time.Duration]():
		return "duration"
	case of.Kind() == reflect.String: // of a few values, or of any
		return "string"
	case of.Kind() == reflect.Pointer:
		return kindOf(of.Elem())
	case reflect.PointerTo(of).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return strings.ToLower(of.Name())
	case of.Kind() == reflect.Struct:
		var names []string
		for _, f := range reflect.VisibleFields(of) {
			names = append(names, "`"+yamlName(f)+"`")
		}
		return "mapping of " + strings.Join(names, ", ")
	case of.Kind() == reflect.Map:
		return "mapping to " + kindOf(of.Elem())
	case of.Kind() == reflect.Slice:
		return "list of " + kindOf(of.Elem())
	case of.Kind() == reflect.Bool:
		return "boolean"
	}
	return "number"
}

// TestDescribe takes comments apart.
func TestDescribe(t *testing.T) {
	t.Parallel()
	names := []string{"Token", "`bot_token`", "Groups", "`groups`"}
	for name, c := range map[string]struct {
		field, comment string
		want           key
	}{
		"required":         {"Token", "Token is the bot's, such as 1.2. Required.", key{fallback: "required", meaning: "the bot's, such as 1.2"}},
		"a default":        {"Secret", "Secret is shown. It is short. Default one that is derived from Token, or none.", key{fallback: "one that is derived from `bot_token`, or none", meaning: "shown. It is short"}},
		"flags and paths":  {"Token", "Token is at /a/<name>/b or --auth-token.", key{meaning: "at `/a/<name>/b` or `--auth-token`"}},
		"values":           {"Groups", `Groups says which: "all"; "none". Not Tokens.`, key{meaning: "which: `all`; `none`. Not Tokens"}},
		"the first of two": {"Token", "Token and Groups are shown.", key{meaning: "shown"}},
		"the second":       {"Groups", "Token and Groups are shown.", key{meaning: "shown"}},
		"another verb":     {"Token", "Token guards Groups.", key{meaning: "guards `groups`"}},
		"no comment at it": {"Token", "", key{}},
	} {
		if got := describe(c.field, c.comment, names); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestShow writes defaults.
func TestShow(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]any{
		"`a`, `b`": []string{"a", "b"}, "`24h`": 24 * time.Hour, "`30s`": 30 * time.Second, "`1m`": time.Minute, "`1h30m`": 90 * time.Minute, "`false`": false, "`1000`": 1000, "`/x`": "/x", "": "",
	} {
		if got := show(reflect.ValueOf(v)); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

// TestComments reads the comments of fields, one of which speaks of two.
func TestComments(t *testing.T) {
	t.Parallel()
	const source = "package a\ntype C struct {\n// A and B are\n// both.\nA, X int\nB int\nC int\n}"
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	addComments(got, file.Scope.Lookup("C").Decl.(*ast.TypeSpec).Type.(*ast.StructType))
	const both = "A and B are both."
	if diff := cmp.Diff(map[string]string{"A": both, "X": both, "B": both, "C": ""}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
