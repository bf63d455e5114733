package slacktest

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
)

// maxForm bounds a request.
const maxForm = 51 << 20

// args are the arguments of a call. Those of a form are texts, with JSON in them.
type args struct {
	values map[string]json.RawMessage
	// form says that they came as a form, which some methods insist on.
	form bool
}

// readArgs reads JSON, a form, a form with parts, or the query.
func readArgs(r *http.Request) (*args, error) {
	a := &args{values: map[string]json.RawMessage{}, form: true}
	for name, values := range r.URL.Query() {
		a.set(name, values[0])
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	switch kind {
	case "application/json":
		a.form = false
		// An empty body is no error: auth.test has no arguments.
		data, err := io.ReadAll(r.Body)
		if err != nil || len(data) > 0 && json.Unmarshal(data, &a.values) != nil {
			return a, errors.New("invalid_json")
		}
	case "multipart/form-data":
		if err := r.ParseMultipartForm(maxForm); err != nil { //nolint:gosec // the body is bounded
			return a, errors.New("invalid_form_data")
		}
		a.setAll(r.MultipartForm.Value)
	case "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return a, errors.New("invalid_form_data")
		}
		a.setAll(r.PostForm)
	}
	return a, nil
}

// setAll sets the arguments of a form.
func (a *args) setAll(form map[string][]string) {
	for name, values := range form {
		a.set(name, values[0])
	}
}

// set sets an argument of a form, which is a text.
func (a *args) set(name, value string) { a.values[name], _ = json.Marshal(value) }

// text returns an argument as text.
func (a *args) text(name string) string {
	raw, ok := a.values[name]
	if !ok || string(raw) == "null" {
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw) // a number, true, or JSON
}

// number returns an argument as a number, 0 where it is none.
func (a *args) number(name string) int {
	n, _ := strconv.Atoi(a.text(name))
	return n
}

// has reports whether an argument is given and not empty.
func (a *args) has(name string) bool { return a.text(name) != "" }

// decode reads an argument that is JSON, or a text that holds it.
func (a *args) decode(name string, v any) bool {
	return json.Unmarshal([]byte(a.text(name)), v) == nil
}

// missing returns the first of the names that is not given, "" when all are.
func (a *args) missing(names ...string) string {
	if i := slices.IndexFunc(names, func(n string) bool { return !a.has(n) }); i >= 0 {
		return names[i]
	}
	return ""
}

// plain returns the arguments as values, without the token: JSON in a text as what it holds.
func (a *args) plain() map[string]any {
	plain := map[string]any{}
	for name := range maps.Keys(a.values) {
		// A form holds JSON as text: whoever compares calls should not see the difference.
		text := a.text(name)
		var v any
		switch {
		case name == "token":
			continue
		case len(text) > 0 && (text[0] == '[' || text[0] == '{') && json.Unmarshal([]byte(text), &v) == nil:
		default:
			_ = json.Unmarshal(a.values[name], &v)
		}
		plain[name] = v
	}
	return plain
}
