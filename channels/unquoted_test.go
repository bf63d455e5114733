package channels_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
)

func TestUnquoted(t *testing.T) {
	t.Parallel()
	if got := channels.Unquoted(`can't parse "my text" at byte 3 of "it"`); got != `can't parse "…" at byte 3 of "…"` {
		t.Errorf("%q", got)
	}
	if got := channels.Unquoted(strings.Repeat("é", 1000)); len(got) > 210 || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
		t.Errorf("%q", got)
	}
}
