package turn

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// However a text is cut into pieces, the pieces that are handed on are whole
// characters and make the text again.
func TestWholeRunes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "plain", "é", "añ→𝄞!", "𝄞𝄞", "a\xffb", "\xe2\x28\xa1", "\xf0\x9d"} {
		for size := 1; size <= 4; size++ {
			var got strings.Builder
			begun := ""
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				var whole string
				whole, begun = wholeRunes(begun + rest[:n])
				if !utf8.ValidString(whole) {
					t.Errorf("%q by %d: %q is handed on", text, size, whole)
				}
				got.WriteString(whole)
				rest = rest[n:]
			}
			complete := text[:len(text)-len(begun)]
			want, _ := wholeRunes(complete)
			if utf8.ValidString(complete) && got.String() != want {
				t.Errorf("%q by %d: got %q, want %q", text, size, got.String(), want)
			}
			if utf8.ValidString(text) && begun != "" {
				t.Errorf("%q by %d: %q is kept back", text, size, begun)
			}
		}
	}
}
