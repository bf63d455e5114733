package rasa

import (
	"encoding/json"
	"io"

	"github.com/manyvox/manyvox/agents"
)

// eachLine reads the lines of an answer and gives the JSON objects in them to emit, with the
// number of the line. Blank lines are skipped; a line may be an array of objects, as a server
// sends it that knows nothing of streams; the last line may lack its end. Errors of r and emit
// are returned as they are.
func eachLine(r io.Reader, emit func(line int, object json.RawMessage) error) error {
	lines := agents.NewLineReader(r)
	for {
		line, err := lines.Next()
		switch {
		case err == io.EOF: //nolint:errorlint // an EOF inside another error is a broken connection
			return nil
		case err != nil:
			return err
		}
		objects, ok := split(line)
		if !ok {
			return badResponse("line %d is not a JSON object", lines.Line())
		}
		for _, object := range objects {
			if err := emit(lines.Line(), object); err != nil {
				return err
			}
		}
	}
}

// split takes an array apart and checks all of it, so that nothing of a bad line is emitted. It
// returns the objects of a line, and false when it holds anything else.
func split(line []byte) (objects []json.RawMessage, ok bool) {
	if len(line) == 0 {
		return nil, true
	}
	if line[0] != '[' {
		return []json.RawMessage{line}, isObject(line)
	}
	if json.Unmarshal(line, &objects) != nil {
		return nil, false
	}
	for _, o := range objects {
		if !isObject(o) {
			return nil, false
		}
	}
	return objects, true
}

func isObject(v []byte) bool { return v[0] == '{' && json.Valid(v) }
