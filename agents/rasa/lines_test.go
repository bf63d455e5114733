package rasa_test

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/manyvox/manyvox/agents/rasa"
)

var errStop = errors.New("stop")

// objects returns what EachLine emits. Emit fails with the object of number stop.
func objects(t *testing.T, r io.Reader, stop int) (all []string, err error) {
	t.Helper()
	stopped, last := false, 1
	err = rasa.EachLine(r, func(line int, object json.RawMessage) error {
		if stopped || line < last {
			t.Errorf("line %d is emitted after line %d, stopped %v", line, last, stopped)
		}
		last, stopped = line, len(all) == stop
		all = append(all, string(object))
		if stopped {
			return errStop
		}
		return nil
	})
	return all, err
}

// FuzzLines reads a stranger's bytes: at once, byte by byte, with an emit that
// fails, and once more what was read.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{
		"", "\n\n", "{}\n{\"text\": \"a\"}", "[{}, {\"a\":[1]}]\n", "{\"a\":\n1}", "data: {}\n", "[null]", "[",
		"{\"recipient_id\": \"x\", \"text\": \"\\u00e9\"}\r\n", strings.Repeat("x", 70), "{}\v\n", "{}{}",
	} {
		f.Add(seed, uint8(1))
	}
	f.Fuzz(func(t *testing.T, data string, stop uint8) {
		all, err := objects(t, strings.NewReader(data), -1)
		bytewise, errBytewise := objects(t, iotest.OneByteReader(strings.NewReader(data)), -1)
		if !slices.Equal(all, bytewise) || (err == nil) != (errBytewise == nil) {
			t.Errorf("at once %q %v, byte by byte %q %v", all, err, bytewise, errBytewise)
		}
		some, errSome := objects(t, strings.NewReader(data), int(stop))
		if int(stop) < len(all) && (!errors.Is(errSome, errStop) || !slices.Equal(some, all[:int(stop)+1])) {
			t.Errorf("%q and %v where emit failed at %d of %q", some, errSome, stop, all)
		}
		if err != nil {
			return
		}
		if want := values(t, data); !slices.Equal(all, want) {
			t.Errorf("got %q, want %q", all, want)
		}
		again, err := objects(t, strings.NewReader(strings.Join(all, "\n")), -1)
		if err != nil || !slices.Equal(all, again) {
			t.Errorf("%q became %q %v", all, again, err)
		}
	})
}

// values reads the same with the standard library, which knows no lines.
func values(t *testing.T, data string) (all []string) {
	d := json.NewDecoder(strings.NewReader(data))
	for {
		var v json.RawMessage
		switch err := d.Decode(&v); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatalf("%q is no sequence of JSON values: %v", data, err)
		}
		var list []json.RawMessage
		if v[0] != '[' {
			list = append(list, v)
		} else if err := json.Unmarshal(v, &list); err != nil {
			t.Fatal(err)
		}
		for _, o := range list {
			all = append(all, string(o))
		}
	}
}

// TestBrokenLine drops the half of a line in front of an error, though it is JSON.
func TestBrokenLine(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader("{}\n{}"), iotest.ErrReader(broken))
	all, err := objects(t, r, -1)
	if len(all) != 1 || err != broken { //nolint:errorlint // the reader's own
		t.Errorf("%q, %v", all, err)
	}
}
