package markup_test

import (
	"testing"

	"github.com/manyvox/manyvox/channels/markup"
)

func TestSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text                     string
		characters, utf16, bytes int
	}{
		{"", 0, 0, 0},
		{"abc", 3, 3, 3},
		{"é日", 2, 2, 5},
		{"👍", 1, 2, 4},
		{"👍🏽", 2, 4, 8},
	} {
		for unit, want := range map[markup.Unit]int{markup.Characters: c.characters, markup.UTF16: c.utf16, markup.Bytes: c.bytes} {
			if got := unit.Size(c.text); got != want {
				t.Errorf("%q in unit %d: %d, want %d", c.text, unit, got, want)
			}
		}
	}
}
