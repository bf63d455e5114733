package channels_test

import (
	"testing"

	"github.com/manyvox/manyvox/channels"
)

// A fence is open from the end of its first line to the end of its last, wherever the pieces
// of the text end.
func TestCodeFence(t *testing.T) {
	t.Parallel()
	for text, open := range map[string]bool{
		"":                      false,
		"```":                   false, // the line goes on
		"```go\n":               true,
		"a\n~~~~\nb\n":          true,
		"```\na\n```":           true, // it may not be the last
		"```\na\n```\n":         false,
		"```\na\n~~~\n":         true,
		"````\na\n```\n":        true,
		"```\na\n``` b\n":       true,
		"   ```\n":              true,
		"    ```\n":             false, // indented code
		"``` a`b\n":             false, // code within a line
		"```\na\n```\n```\nb\n": true,
	} {
		var whole, pieces channels.CodeFence
		whole.Feed(text)
		for i := range len(text) {
			pieces.Feed(text[i : i+1])
		}
		if whole.Open() != open || pieces.Open() != open {
			t.Errorf("%q: open %v, in pieces %v, want %v", text, whole.Open(), pieces.Open(), open)
		}
	}
}
