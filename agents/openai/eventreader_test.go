package openai_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

func noHold(int) error { return nil }

func TestEvents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, stream string
		want         []string
	}{
		{"nothing", "", nil},
		{"LF", "data: a\n\ndata: b\n\n", []string{"a", "b"}},
		{"CR LF", "data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}},
		{"CR", "data: a\r\rdata: b\r\r", []string{"a", "b"}},
		{"mixed ends", "data: a\r\n\ndata: b\n\r\ndata: c\r\r\n", []string{"a", "b", "c"}},
		{"no space", "data:a\n\n", []string{"a"}},
		{"one space of two", "data:  a\n\n", []string{" a"}},
		{"several lines", "data: a\ndata:\ndata: b\n\n", []string{"a\n\nb"}},
		{"no colon", "data\n\n", []string{""}},
		{"other fields", "event: x\nid: 1\nretry: 5\ndata: a\n\n", []string{"a"}},
		{"comments", ": OPENROUTER PROCESSING\n\n:\ndata: a\n\n", []string{"a"}},
		{"blank lines", "\n\n\ndata: a\n\n\n", []string{"a"}},
		{"a mark", "\ufeffdata: a\n\n", []string{"a"}},
		{"a mark later", "data: a\n\n\ufeffdata: b\n\n", []string{"a"}},
		{"no end", "data: a\n\ndata: b\n", []string{"a"}},
		{"half a line", "data: a\n\ndata: b", []string{"a"}},
		{"a name that begins alike", "datum: a\n\ndata2: b\n\n", nil},
		{"HTML", "<html>\n\n<body>\n\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(c.stream), iotest.OneByteReader(strings.NewReader(c.stream))} {
				got, err := openai.ReadEvents(r, 100, noHold)
				if err != io.EOF { //nolint:errorlint // a Reader's end is io.EOF itself
					t.Errorf("error %v", err)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
		})
	}
}

// TestEventLimit bounds a line, and an event of many lines.
func TestEventLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, stream string
		ok           bool
	}{
		{"a line that fits", "data: " + strings.Repeat("x", 94) + "\n\n", true},
		{"a line that is too long", "data: " + strings.Repeat("x", 95) + "\n\n", false},
		{"a line without an end", strings.Repeat("x", 101), false},
		{"lines that fit", strings.Repeat("data: x\n", 50) + "\n", true},
		{"lines that are too long", strings.Repeat("data: x\n", 51) + "\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := openai.ReadEvents(strings.NewReader(c.stream), 100, noHold)
			if errors.Is(err, channels.ErrAnswerTooLarge) == c.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestEventHold asks for a place with the first byte over smallAnswer, and ends when there is
// none.
func TestEventHold(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	read := func(length int) error {
		_, err := openai.ReadEvents(strings.NewReader("data: "+strings.Repeat("x", length-6)+"\n\n"), openai.MaxEvent, func(int) error { return full })
		return err
	}
	if err := read(openai.SmallAnswer); err != io.EOF { //nolint:errorlint // a Reader's end is io.EOF itself
		t.Errorf("error %v of a small event", err)
	}
	if err := read(openai.SmallAnswer + 1); !errors.Is(err, full) {
		t.Errorf("error %v of a large event", err)
	}
}

// TestEventsBreak drops the half of an event in front of an error.
func TestEventsBreak(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	got, err := openai.ReadEvents(io.MultiReader(strings.NewReader("data: a\n\ndata: b\n"), iotest.ErrReader(broken)), 100, noHold)
	if len(got) != 1 || err != broken { //nolint:errorlint // the reader's own
		t.Errorf("%q, %v", got, err)
	}
}

// FuzzEvents reads a stranger's bytes: at once, byte by byte, as a plain reading of the
// standard has it, and once more what was read.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{
		"", "data: a\n\n", "data: a\r\n\r\ndata: b\r\r", "\ufeffdata:a\ndata: b\n\n", ": x\n\nevent: y\ndata\n\n",
		"data: {\"a\":1}\n\ndata: [DONE]\n\n", "data: a\r\n\rdata: b\n\n\n", strings.Repeat("x", 70), "\r\n\ufeffdata: a\n\n",
	} {
		f.Add(seed, uint8(64))
	}
	f.Fuzz(func(t *testing.T, stream string, limit uint8) {
		all, err := openai.ReadEvents(strings.NewReader(stream), int(limit), noHold)
		bytewise, errBytewise := openai.ReadEvents(iotest.OneByteReader(strings.NewReader(stream)), int(limit), noHold)
		if !slices.Equal(all, bytewise) || (err == io.EOF) != (errBytewise == io.EOF) { //nolint:errorlint // a Reader's end is io.EOF itself
			t.Errorf("at once %q %v, byte by byte %q %v", all, err, bytewise, errBytewise)
		}
		for _, data := range all {
			if len(data) > int(limit) {
				t.Errorf("an event of %d bytes, over %d", len(data), limit)
			}
		}
		want := plainEvents(stream)
		if err == io.EOF && !slices.Equal(all, want) || err != io.EOF && !slices.Equal(all, want[:min(len(all), len(want))]) { //nolint:errorlint // the same
			t.Errorf("got %q %v, want %q", all, err, want)
		}
		again := "data: " + strings.Join(all, "\n\ndata: ") + "\n\n"
		if len(all) > 0 && !strings.Contains(strings.Join(all, ""), "\n") {
			if twice, _ := openai.ReadEvents(strings.NewReader(again), 1000, noHold); !slices.Equal(all, twice) {
				t.Errorf("%q became %q", all, twice)
			}
		}
	})
}

// plainEvents reads a whole stream with the standard library.
func plainEvents(stream string) (all []string) {
	stream = strings.TrimPrefix(stream, "\ufeff")
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(stream, "\r\n", "\n"), "\r", "\n"), "\n")
	var data []string
	for _, line := range lines[:len(lines)-1] { // the last has no end
		name, value, _ := strings.Cut(line, ":")
		switch {
		case line == "" && data != nil:
			all = append(all, strings.Join(data, "\n"))
			data = nil
		case name == "data":
			data = append(data, strings.TrimPrefix(value, " "))
		}
	}
	return all
}
