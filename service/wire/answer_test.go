package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// answer is what one server showed in a case: values by what is compared, such as "status".
// Each value is text; what is JSON is in one form, so that equal JSON is equal text.
type answer map[string]string

// What is compared. A header that matters is compared under its own name, in lower case.
const (
	status  = "status"
	body    = "body"    // of an answer, where the two are not both errors
	failure = "error"   // the body of an answer whose status is an error's, where both are
	end     = "end"     // whether a stream or a connection ends
	tracker = "tracker" // the messages that Rasa recorded
	opening = "opening" // of a connection of Socket.IO
	packets = "packets" // of Socket.IO, in their order
	posts   = "posts"   // to the callback's address, in their order
)

// difference is what differs in a case: the values of Rasa and of Manyvox.
type difference struct {
	what          string
	rasa, manyvox string
}

// compare returns what differs, sorted by its name. The bodies of two errors are compared
// under a name of their own, since their form differs always.
func compare(rasa, manyvox answer) (list []difference) {
	rasa, manyvox = maps.Clone(rasa), maps.Clone(manyvox)
	if isError(rasa) && isError(manyvox) {
		for _, a := range []answer{rasa, manyvox} {
			a[failure] = a[body]
			delete(a, body)
		}
	}
	names := slices.Sorted(maps.Keys(rasa))
	for name := range manyvox {
		if _, ok := rasa[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if rasa[name] != manyvox[name] {
			list = append(list, difference{name, rasa[name], manyvox[name]})
		}
	}
	return list
}

func isError(a answer) bool { return a[status] >= "400" && a[status] <= "599" }

// canonical returns JSON without white space and needless escapes, and other text as it is.
// Keys keep their order, numbers their digits.
func canonical(text string) string {
	if !json.Valid([]byte(text)) {
		return text
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var b strings.Builder
	if err := writeValue(&b, d); err != nil {
		return text
	}
	return withoutMessages(b.String())
}

// writeValue writes the next value of d.
func writeValue(b *strings.Builder, d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, isDelim := token.(json.Delim)
	if !isDelim {
		b.WriteString(marshal(token))
		return nil
	}
	b.WriteString(open.String())
	for i := 0; d.More(); i++ {
		switch {
		case open == '{' && i%2 == 1:
			b.WriteByte(':')
		case i > 0:
			b.WriteByte(',')
		}
		if err := writeValue(b, d); err != nil {
			return err
		}
	}
	end, err := d.Token()
	if err != nil {
		return err
	}
	b.WriteString(end.(json.Delim).String())
	return nil
}

// marshal returns JSON without the escapes that are meant for HTML.
func marshal(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("%v is not JSON: %v", v, err)) // it was made of JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// ourMessage is the text of an error of Manyvox, which is for people and may be changed.
var ourMessage = regexp.MustCompile(`("error":\{"code":"\w+"|"session_error",\{"code":"\w+"),"message":"(?:[^"\\]|\\.)*"`)

// withoutMessages takes the messages out of errors.
func withoutMessages(text string) string { return ourMessage.ReplaceAllString(text, "$1") }

// canonicalLines returns the canonical form of each line.
func canonicalLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(canonical(strings.TrimSuffix(line, "\n")) + "\n")
	}
	return b.String()
}
