package openapi_test

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"

	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/openapi"
)

var update = flag.Bool("update", false, "rewrite the table in docs/openapi.md")

// described is what the tests read of the description.
type described struct {
	Paths map[string]map[string]struct {
		Tags    []string
		Summary string
		Body    struct{ Content map[string]any } `json:"requestBody"`
	}
	Components struct {
		Schemas map[string]struct {
			Properties map[string]any
			Enum       []string
		}
	}
}

func read(t *testing.T) (d described) {
	t.Helper()
	if err := json.Unmarshal(openapi.Document, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMethods compares what is described with the API that the program has.
func TestMethods(t *testing.T) {
	t.Parallel()
	d := read(t)
	seen := 0
	for _, f := range []protoreflect.FileDescriptor{
		manyvoxv1.File_manyvox_v1_channel_proto, manyvoxv1.File_manyvox_v1_conversation_proto, manyvoxv1.File_manyvox_v1_subscription_proto,
	} {
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			for j := range s.Methods().Len() {
				m := s.Methods().Get(j)
				seen++
				if path := "/" + string(s.FullName()) + "/" + string(m.Name()); d.Paths[path]["post"].Summary == "" {
					t.Errorf("%s is not described: run \"make generate\"", path)
				}
				checkMessage(t, d, m.Input())
				checkMessage(t, d, m.Output())
			}
		}
	}
	paths := 0
	for path := range d.Paths {
		if strings.HasPrefix(path, "/manyvox.v1.") {
			paths++
		}
	}
	if paths != seen {
		t.Errorf("%d methods are described, want %d", paths, seen)
	}
}

// checkMessage compares the fields of a message.
func checkMessage(t *testing.T, d described, m protoreflect.MessageDescriptor) {
	t.Helper()
	schema, ok := d.Components.Schemas[string(m.FullName())]
	if !ok {
		t.Errorf("%s is not described", m.FullName())
	}
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if schema.Properties[f.JSONName()] == nil {
			t.Errorf("%s is not described", f.FullName())
		}
		if e := f.Enum(); e != nil && len(d.Components.Schemas[string(e.FullName())].Enum) != e.Values().Len() {
			t.Errorf("%s has other values", e.FullName())
		}
	}
	if len(schema.Properties) != m.Fields().Len() {
		t.Errorf("%s has %d fields, want %d", m.FullName(), len(schema.Properties), m.Fields().Len())
	}
}

// TestServed reads the description as a tool does.
func TestServed(t *testing.T) {
	t.Parallel()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, serve(t)+"/openapi.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || !res.Uncompressed || res.Header.Get("Content-Type") != "application/json" || string(body) != string(openapi.Document) {
		t.Errorf("error %v, compressed %v, headers %v, %d bytes", err, res.Uncompressed, res.Header, len(body))
	}
}

const (
	page  = "../../docs/openapi.md"
	begin = "<!-- routes: written by \"make generate\" from the description. -->\n"
	end   = "<!-- end of routes -->"
)

// TestPage compares the table of docs/openapi.md with the description.
func TestPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		t.Fatalf("%s: the markers of the table are missing", page)
	}
	got := before + begin + table(read(t)) + end + after
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("%s: run \"make generate\" (-want +got):\n%s", page, diff)
	}
}

// table returns the routes as Markdown.
func table(d described) string {
	var lines []string
	for path, methods := range d.Paths {
		for method, o := range methods {
			kind := ""
			if _, streams := o.Body.Content["application/connect+json"]; streams {
				kind = " (stream)"
			}
			lines = append(lines, "| `"+path+"` | "+strings.ToUpper(method)+kind+" | "+o.Summary+" |\n")
		}
	}
	slices.Sort(lines)
	return "| path | method | what it does |\n|---|---|---|\n" + strings.Join(lines, "")
}
