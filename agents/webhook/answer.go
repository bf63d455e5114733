package webhook

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// byteOrderMark may stand before an answer, as some editors write it.
const byteOrderMark = "\ufeff"

// decode gives what a server answers to the decoder. What it is is seen by its first
// characters: JSON values, one after another, or server-sent events. The Content-Type is not
// looked at, since servers mislabel lines.
func decode(ctx context.Context, answer io.Reader, d *agents.Decoder) error {
	b := bufio.NewReader(answer)
	if mark, err := b.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		_, _ = b.Discard(len(byteOrderMark)) // it is there
	}
	first, err := skipSpace(b)
	switch {
	case err == io.EOF: //nolint:errorlint // nothing is said
		return nil
	case err != nil:
		return err
	case first == '{' || first == '[':
		err = decodeValues(ctx, b, d)
	default:
		err = decodeEvents(ctx, b, d)
	}
	if err != nil {
		return err
	}
	return d.End(ctx)
}

// skipSpace returns the first byte that is no white space, and leaves it there.
func skipSpace(b *bufio.Reader) (byte, error) {
	for {
		c, err := b.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, b.UnreadByte()
		}
	}
}

// decodeValues reads JSON values, each as soon as it is complete.
func decodeValues(ctx context.Context, r io.Reader, d *agents.Decoder) error {
	values := json.NewDecoder(r)
	for n := 1; ; n++ {
		var v json.RawMessage
		err := values.Decode(&v)
		var syntax *json.SyntaxError
		switch {
		case err == io.EOF:
			return nil
		case errors.As(err, &syntax):
			return d.Unreadable("value %d: %v at byte %d", n, syntax, syntax.Offset)
		case errors.Is(err, io.ErrUnexpectedEOF):
			return d.Unreadable("value %d ends in the middle", n)
		case err != nil: // of the connection
			return err
		}
		if err := decodeValue(ctx, "value", n, v, d); err != nil {
			return err
		}
	}
}

// decodeValue gives the objects of a value to the decoder: those of a list, as Rasa's REST
// channel answers; those under the key "messages"; or the one that it is.
func decodeValue(ctx context.Context, place string, n int, value []byte, d *agents.Decoder) error {
	objects := []json.RawMessage{value}
	switch value[0] {
	case '[':
		objects = nil
		if err := json.Unmarshal(value, &objects); err != nil {
			return d.Unreadable("%s %d: %w", place, n, err)
		}
	case '{':
		var keys channels.Body
		if !bytes.Contains(value, []byte(`"messages"`)) { // a large reply is parsed once
			break
		}
		if json.Unmarshal(value, &keys) != nil || keys.Raw("messages") == nil {
			break
		}
		objects = nil
		if err := json.Unmarshal(keys.Raw("messages"), &objects); err != nil {
			return d.Unreadable(`%s %d: "messages" is not a list`, place, n)
		}
	}
	for _, object := range objects {
		if err := d.Object(ctx, place, n, object); err != nil {
			return err
		}
	}
	return nil
}

// decodeEvents reads server-sent events, whose data are JSON values. What their fields event
// and id say does not matter.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
func decodeEvents(ctx context.Context, r io.Reader, d *agents.Decoder) error {
	lines := agents.NewLineReader(r)
	var data []byte
	for n := 1; ; {
		line, err := lines.Next()
		if err != nil && err != io.EOF { //nolint:errorlint // a Reader's end is io.EOF itself
			return err
		}
		if len(line) > 0 {
			if data, err = appendField(data, line, lines.Line(), d); err != nil {
				return err
			}
			continue
		}
		done, wrong := dispatch(ctx, n, data, d)
		if wrong != nil || done || err != nil {
			return wrong
		}
		if len(data) > 0 {
			n++
		}
		data = nil
	}
}

// appendField reads a line of an event. Of a field that a stream of events does not have the
// answer is known to be something else.
func appendField(data, line []byte, n int, d *agents.Decoder) ([]byte, error) {
	name, value, found := bytes.Cut(line, []byte{':'})
	switch {
	case found && len(name) == 0: // a comment
		return data, nil
	case string(name) == "data":
		if len(data) > 0 {
			data = append(data, '\n')
		}
		return append(data, bytes.TrimPrefix(value, []byte{' '})...), nil
	case string(name) == "event", string(name) == "id", string(name) == "retry":
		return data, nil
	}
	return nil, d.Unreadable("line %d is neither JSON nor a server-sent event", n)
}

// dispatch reads the data of a whole event. Done says that the stream has ended, as some servers
// say it.
func dispatch(ctx context.Context, n int, data []byte, d *agents.Decoder) (done bool, err error) {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0:
		return false, nil
	case string(data) == "[DONE]":
		return true, nil
	case !json.Valid(data):
		return false, d.Unreadable("event %d is not JSON", n)
	}
	return false, decodeValue(ctx, "event", n, data, d)
}
