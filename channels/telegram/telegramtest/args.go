package telegramtest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
)

// maxForm bounds a request: Telegram takes files of 50 MB.
const maxForm = 51 << 20

// args are the parameters of a call. Those of a form are texts, with JSON in them.
type args struct {
	values map[string]json.RawMessage
	files  map[string]File
}

// readArgs reads JSON, a form, a form with files, or the query.
func readArgs(r *http.Request) (args, error) {
	a := args{values: map[string]json.RawMessage{}}
	for name, values := range r.URL.Query() {
		a.set(name, values[0])
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	switch kind {
	case "application/json":
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return a, errors.New("the request was not read")
		}
		if len(data) > 0 && json.Unmarshal(data, &a.values) != nil {
			return a, errors.New("can't parse request body as JSON object")
		}
	case "multipart/form-data":
		return a, a.readForm(r)
	case "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return a, errors.New("can't parse the form")
		}
		for name, values := range r.PostForm {
			a.set(name, values[0])
		}
	}
	return a, nil
}

func (a *args) readForm(r *http.Request) error {
	if err := r.ParseMultipartForm(maxForm); err != nil { //nolint:gosec // the body is bounded
		return errors.New("can't parse the form")
	}
	for name, values := range r.MultipartForm.Value {
		a.set(name, values[0])
	}
	a.files = map[string]File{}
	for name, headers := range r.MultipartForm.File {
		f, err := headers[0].Open()
		if err != nil {
			return err
		}
		data, err := io.ReadAll(f)
		_ = f.Close()
		if err != nil {
			return err
		}
		a.files[name] = File{Name: headers[0].Filename, Data: data}
	}
	return nil
}

// set sets a parameter of a form: JSON where it is, else a text.
func (a *args) set(name, value string) {
	if json.Valid([]byte(value)) {
		a.values[name] = json.RawMessage(value)
		return
	}
	a.values[name], _ = json.Marshal(value)
}

// text returns a parameter as text.
func (a *args) text(name string) string {
	var text string
	if json.Unmarshal(a.values[name], &text) == nil {
		return text
	}
	return string(a.values[name]) // a number, or JSON that a form held
}

func (a *args) number(name string) int64 {
	n, _ := strconv.ParseInt(a.text(name), 10, 64)
	return n
}

func (a *args) flag(name string) bool { return a.text(name) == "true" }

// decode reads a parameter that is JSON, or a text that holds it.
func (a *args) decode(name string, v any) bool {
	raw := a.values[name]
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = []byte(text)
	}
	return len(raw) > 0 && json.Unmarshal(raw, v) == nil
}

// plain returns the parameters as values.
func (a *args) plain() map[string]any {
	plain := map[string]any{}
	for name, raw := range a.values {
		var v any
		_ = json.Unmarshal(raw, &v)
		plain[name] = v
	}
	return plain
}

// answer is what a call is answered with.
type answer struct {
	OK          bool           `json:"ok"`
	Result      any            `json:"result,omitempty"`
	Code        int            `json:"error_code,omitempty"`
	Description string         `json:"description,omitempty"`
	Parameters  map[string]any `json:"parameters,omitempty"`
}

func result(v any) answer { return answer{OK: true, Result: v} }

func refuse(code int, description string) answer { return answer{Code: code, Description: description} }

// tooMany is the answer to a bot that writes too much.
func tooMany(seconds int) answer {
	a := refuse(429, "Too Many Requests: retry after "+strconv.Itoa(seconds))
	a.Parameters = map[string]any{"retry_after": seconds}
	return a
}

func (a answer) code() int {
	if a.OK {
		return 200
	}
	return a.Code
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	if seconds, ok := a.Parameters["retry_after"].(int); ok {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	w.WriteHeader(a.code())
	_ = json.NewEncoder(w).Encode(a)
}
