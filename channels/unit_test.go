package channels_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
)

func TestUnit(t *testing.T) {
	t.Parallel()
	const text = "aé€😀b"
	for unit, lens := range map[channels.Unit][]int{ // of the prefixes of text
		channels.UnitRunes: {0, 1, 2, 3, 4, 5},
		channels.UnitUTF16: {0, 1, 2, 3, 5, 6},
		channels.UnitBytes: {0, 1, 3, 6, 10, 11},
	} {
		prefixes := []string{""}
		for i, r := range text {
			prefixes = append(prefixes, text[:i+utf8.RuneLen(r)])
		}
		for i, prefix := range prefixes {
			if got := unit.Len(prefix); got != lens[i] {
				t.Errorf("unit %q: %q has the length %d, want %d", unit, prefix, got, lens[i])
			}
		}
		for most := range lens[len(lens)-1] + 2 {
			want := ""
			for i, prefix := range prefixes {
				if lens[i] <= most {
					want = prefix
				}
			}
			if got := unit.Prefix(text, most); got != want {
				t.Errorf("unit %q: prefix of %d is %q, want %q", unit, most, got, want)
			}
		}
		for n := -1; n < lens[len(lens)-1]+2; n++ {
			want := -1
			if i := slices.Index(lens, n); i >= 0 {
				want = len(prefixes[i])
			}
			if got := unit.Index(text, n); got != want {
				t.Errorf("unit %q: index of %d is %d, want %d", unit, n, got, want)
			}
		}
		if err := unit.Validate(); err != nil {
			t.Error(err)
		}
	}
	if err := channels.Unit("inches").Validate(); err == nil {
		t.Error("an unknown unit is taken")
	}
}

func TestUnitSpan(t *testing.T) {
	t.Parallel()
	const text = "a😀b"
	for _, c := range []struct {
		offset, length int
		want           string
	}{{0, 1, "a"}, {1, 2, "😀"}, {3, 1, "b"}, {0, 4, text}, {2, 1, ""}, {1, 1, ""}, {3, 9, ""}, {-1, 2, ""}, {3, -1, ""}, {9, 1, ""}} {
		if start, end := channels.UnitUTF16.Span(text, c.offset, c.length); text[start:end] != c.want {
			t.Errorf("%d, %d: %q, want %q", c.offset, c.length, text[start:end], c.want)
		}
	}
}

func FuzzUnitPrefix(f *testing.F) {
	f.Add("a😀b", 2)
	f.Add("\xff\xfe", 1)
	f.Fuzz(func(t *testing.T, text string, most int) {
		text = strings.ToValidUTF8(text, "?")
		for _, unit := range []channels.Unit{channels.UnitRunes, channels.UnitUTF16, channels.UnitBytes} {
			prefix := unit.Prefix(text, most)
			if !strings.HasPrefix(text, prefix) || !utf8.ValidString(prefix) || unit.Len(prefix) > max(0, most) {
				t.Errorf("unit %q: prefix of %q is %q", unit, text, prefix)
			}
		}
	})
}
