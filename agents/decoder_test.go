package agents_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/channels"
)

// FuzzDecoder reads what a stranger may answer: an error of the agent's, or replies and pieces
// that may go anywhere.
func FuzzDecoder(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"text":"a"}`, `{"delta":"a","format":"markdown"}`, "{\"delta\":\"a\"}\n{\"text\":\"a\"}", `{"delta":5}`, `{"delta":"a","format":7}`,
		`{"error":{"code":"unavailable","message":"later"}}`, `{"error":"x"}`, `{"error":null,"text":"b"}`, "{\"delta\":\"a\"}\n{\"image\":\"u\"}",
		`{"text":"?","buttons":[{"title":"Y","payload":"/y","n":1}]}`, `{"custom":[1,{"a":"` + "\xff" + `"}]}`, `{"elements":[{"title":"t"}]}`, "null", "[{}]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		rec := &agenttest.Recorder{}
		d := &agents.Decoder{Name: "x", Peer: "it", Replier: rec, Recipient: "ann"}
		err := decode(d, strings.NewReader(answer))
		if err == nil {
			if err := d.End(t.Context()); err != nil || len(rec.Pending) > 0 {
				t.Errorf("%q leaves %q open: %v", answer, rec.Pending, err)
			}
		}
		var e *channels.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%q: error %v is no *channels.Error", answer, err)
		}
		if agents.IsNotReached(err) && rec.Calls > 0 {
			t.Errorf("%q has not reached it, but says %q", answer, rec.Texts())
		}
		if d.Shown() != (rec.Calls > 0) {
			t.Errorf("%q: shown %v after %d calls", answer, d.Shown(), rec.Calls)
		}
		for i := range rec.Replies {
			if err := rec.Replies[i].Validate(); err != nil || rec.Replies[i].RecipientID != "ann" {
				t.Errorf("%q: reply %+v: %v", answer, rec.Replies[i], err)
			}
		}
	})
}

func decode(d *agents.Decoder, answer io.Reader) error {
	lines := agents.NewLineReader(answer)
	for {
		line, err := lines.Next()
		switch {
		case err == io.EOF: //nolint:errorlint // a Reader's end
			return nil
		case err != nil:
			return err
		case len(line) == 0:
			continue
		}
		if err := d.Object(context.Background(), "line", lines.Line(), line); err != nil {
			return err
		}
	}
}

// FuzzLines compares with the standard library, at once and byte by byte.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", "\n", "a", "a\n", "a\r\n\n b \nc", strings.Repeat("x", 5000) + "\ny"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want := strings.Split(text, "\n")
		if want[len(want)-1] == "" {
			want = want[:len(want)-1]
		}
		for i, line := range want {
			want[i] = strings.Trim(line, " \t\r\n")
		}
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			lines := agents.NewLineReader(r)
			var got []string
			for line, err := lines.Next(); err == nil; line, err = lines.Next() {
				got = append(got, string(line))
			}
			if !slices.Equal(got, want) || lines.Line() != len(want) {
				t.Errorf("%q is read as %q, %d lines", text, got, lines.Line())
			}
		}
	})
}

func TestLineReaderFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	lines := agents.NewLineReader(io.MultiReader(strings.NewReader("{}\n{}"), iotest.ErrReader(broken)))
	if line, err := lines.Next(); string(line) != "{}" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
	if line, err := lines.Next(); line != nil || err != broken { //nolint:errorlint // the reader's own
		t.Errorf("%q, %v", line, err)
	}
}

// TestLineReaderLimit counts all lines of an answer, and anew for the next.
func TestLineReaderLimit(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("x", agents.MaxBody/3-1) + "\n"
	lines := agents.NewLineReader(strings.NewReader(strings.Repeat(line, 6)))
	for answer := range 2 {
		for range 3 {
			if _, err := lines.Next(); err != nil {
				t.Errorf("answer %d: %v", answer+1, err)
			}
		}
		if answer == 0 {
			lines.Reset()
		}
	}
	lines = agents.NewLineReader(strings.NewReader(strings.Repeat(line, 3) + "x"))
	for range 3 {
		if _, err := lines.Next(); err != nil {
			t.Error(err)
		}
	}
	if _, err := lines.Next(); !errors.Is(err, channels.ErrAnswerTooLarge) {
		t.Errorf("error %v", err)
	}
}

func TestPayloadFails(t *testing.T) {
	t.Parallel()
	turn := agenttest.Turn("ann", "hi")
	turn.Message.Metadata = []byte(`{"a":`)
	if _, err := agents.Payload(turn); err == nil || channels.AsError(err).Code != channels.CodeInternal {
		t.Errorf("error %v of metadata that is no JSON", err)
	}
}
