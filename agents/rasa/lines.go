package rasa

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/manyvox/manyvox/channels"
)

// eachLine reads the lines of r and gives the JSON objects in them to emit, with the
// number of the line. Blank lines are skipped; a line may be an array of objects,
// as a server sends it that knows nothing of streams; the last line may lack its
// end. Errors of r and emit are returned as they are.
func eachLine(r io.Reader, limit int, emit func(line int, object json.RawMessage) error) error {
	b := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := readLine(b, limit)
		if err != nil && err != io.EOF { //nolint:errorlint // an EOF inside another error is a broken connection
			return err
		}
		objects, ok := split(line)
		if !ok {
			return badResponse("line %d is not a JSON object", n)
		}
		for _, object := range objects {
			if err := emit(n, object); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

// readLine returns the next line, or channels.ErrAnswerTooLarge. What comes before an error
// other than io.EOF is dropped: half a line is not a line.
func readLine(b *bufio.Reader, limit int) (line []byte, err error) {
	for {
		var piece []byte
		piece, err = b.ReadSlice('\n')
		line = append(line, piece...)
		if len(bytes.TrimSuffix(line, []byte{'\n'})) > limit {
			return nil, channels.ErrAnswerTooLarge
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// split takes an array apart and checks all of it, so that nothing of a bad line is
// emitted. It returns the objects of a line, and false when it holds anything else.
func split(line []byte) (objects []json.RawMessage, ok bool) {
	line = bytes.Trim(line, " \t\r\n") // the white space of JSON
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
