package rpc

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// randomText makes a text of what matters to a splitter: letters, white space of
// several kinds, and newlines most of all.
func randomText(random *rand.Rand) string {
	parts := []string{"a", "bc", "é", "\n", "\n", "\n\n", " ", "\t", "\r\n", "\u00a0", "\u2003"}
	var b strings.Builder
	for range random.IntN(20) {
		b.WriteString(parts[random.IntN(len(parts))])
	}
	return b.String()
}

// cutAnywhere cuts a text between letters; some pieces are empty.
func cutAnywhere(random *rand.Rand, text string) []string {
	pieces := []string{""}
	for _, letter := range text {
		for random.IntN(3) == 0 {
			pieces = append(pieces, "")
		}
		pieces[len(pieces)-1] += string(letter)
	}
	return pieces
}

func TestSplitterCutsWhereParagraphsDoes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		text := randomText(random)
		pieces := cutAnywhere(random, text)
		want := map[int]string{}
		for i, paragraph := range channels.Paragraphs(text) {
			if paragraph != "" { // an empty one has no pieces
				want[i] = paragraph
			}
		}
		got, last := map[int]string{}, 0
		s := splitter{}
		for _, text := range pieces {
			for _, p := range s.push(text) {
				if p.text == "" || p.index < last {
					t.Fatalf("%q: piece %q of paragraph %d after one of %d", pieces, p.text, p.index, last)
				}
				last = p.index
				got[p.index] += p.text
			}
		}
		if !maps.Equal(want, got) {
			t.Fatalf("%q (-want +got):\n%s", pieces, cmp.Diff(want, got))
		}
	}
}

func TestSplitterWholeHandsOnAsItComes(t *testing.T) {
	t.Parallel()
	s := splitter{whole: true}
	var got []piece
	in := []string{" a\n", "\n", "b "}
	for _, text := range in {
		got = append(got, s.push(text)...)
	}
	if want := []piece{{0, " a\n"}, {0, "\n"}, {0, "b "}}; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// What is not white space is never held back.
func TestSplitterIsPrompt(t *testing.T) {
	t.Parallel()
	s := splitter{}
	for _, c := range []struct {
		push string
		want []piece
	}{
		{" ", nil},
		{"a", []piece{{0, "a"}}},
		{"b \n", []piece{{0, "b"}}},
		{"c", []piece{{0, " \nc"}}},
		{"\n", nil},
		{"\nd\n\ne", []piece{{1, "d"}, {2, "e"}}},
		{"\n\n\n\n", nil},
		{"f", []piece{{4, "f"}}},
	} {
		if got := s.push(c.push); !slices.Equal(got, c.want) {
			t.Errorf("%q gives %+v, want %+v", c.push, got, c.want)
		}
	}
}
