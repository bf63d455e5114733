package channels_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

// randomText makes a text of what matters to a cut at paragraphs: letters, white space of
// several kinds, fences, and newlines most of all.
func randomText(random *rand.Rand) string {
	parts := []string{
		"a", "bc", "é", "\n", "\n", "\n\n", "\n\n", " ", "\t", "\r\n", "\r", "\u00a0", "\u2003",
		"`", "```", "\n```\n", "\n````\n", "~~~", "\n~~~\n", "\n   ```go\n", "\n    ```\n",
	}
	var b strings.Builder
	for range random.IntN(24) {
		b.WriteString(parts[random.IntN(len(parts))])
	}
	return b.String()
}

// cutAnywhere cuts a text between characters; some pieces are empty.
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

// checkNumbered feeds n the text in pieces and then whole. It wants each part to have the
// number of the pieces that make its text.
func checkNumbered(t *testing.T, n *channels.Numbered, split bool, text string, deltas []string) {
	t.Helper()
	grown, ended, last := map[int]string{}, map[int]bool{}, 0
	for _, delta := range deltas {
		for _, p := range n.Delta(delta, channels.FormatPlain) {
			if p.Number < last || ended[p.Number] {
				t.Fatalf("%q: piece %+v after number %d", deltas, p, last)
			}
			if p.Text == "" && !p.Ends && split {
				t.Fatalf("%q: piece %+v says nothing", deltas, p)
			}
			for between := last + 1; last > 0 && between < p.Number; between++ {
				t.Fatalf("%q: nothing ended number %d", deltas, between)
			}
			if p.Number > last && last > 0 && !ended[last] {
				t.Fatalf("%q: number %d goes on, %d has not ended", deltas, p.Number, last)
			}
			last, ended[p.Number] = p.Number, p.Ends
			grown[p.Number] += p.Text
		}
	}
	parts := channels.Expand(channels.Reply{Text: text}, split)
	first := n.Complete(len(parts))
	for i, part := range parts {
		if got := grown[first+i]; got != part.Text {
			t.Fatalf("%q: number %d grew to %q, its part is %q", deltas, first+i, got, part.Text)
		}
		if final := i == len(parts)-1; !final && !ended[first+i] || final && ended[first+i] {
			t.Fatalf("%q: number %d of %d to %d: ended is %v", deltas, first+i, first, first+len(parts)-1, ended[first+i])
		}
		delete(grown, first+i)
	}
	if len(grown) > 0 {
		t.Fatalf("%q: pieces of no part: %v", deltas, grown)
	}
}

func TestNumberedCutsWhereExpandDoes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		split := random.IntN(4) > 0
		n := &channels.Numbered{Split: func(channels.Format) bool { return split }}
		for range 1 + random.IntN(3) { // replies of one turn
			text := randomText(random)
			checkNumbered(t, n, split, text, cutAnywhere(random, text))
		}
	}
}

func FuzzNumbered(f *testing.F) {
	for _, text := range []string{
		"", " ", "a\n\nb", "a\n\n\n\nb\n\n", "```\na\n\nb\n```\n\nc", "~~~~\n\n~~~\n\n~~~~~\n\nx", "   ```\r\n\n\n```\r\n\n\nb",
		"``` `\n\nb", "    ```\n\nb", "\t```\n\nb", "a ```\n\nb", "~~~ `\n\nb", "``\n\nb", "```\n\n``` x\n\ny",
	} {
		f.Add(text, uint64(1), true)
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64, split bool) {
		text = strings.ToValidUTF8(text, "?")
		n := &channels.Numbered{Split: func(channels.Format) bool { return split }}
		checkNumbered(t, n, split, text, cutAnywhere(rand.New(rand.NewPCG(seed, 0)), text))
	})
}

// numbers feeds n acts: "+text" is a delta, "=3" a complete reply of three parts.
func numbers(t *testing.T, n *channels.Numbered, acts []string) string {
	t.Helper()
	var got []string
	for _, act := range acts {
		if parts, ok := strings.CutPrefix(act, "="); ok {
			count, err := strconv.Atoi(parts)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, "="+strconv.Itoa(n.Complete(count)))
			continue
		}
		for _, p := range n.Delta(strings.TrimPrefix(act, "+"), channels.FormatPlain) {
			shown := strconv.Itoa(p.Number) + " " + p.Text
			if p.Ends {
				shown += "|"
			}
			got = append(got, shown)
		}
	}
	return strings.Join(got, "; ")
}

func TestNumbered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		acts []string
		want string
	}{
		{"replies", []string{"=1", "=2", "=1"}, "=1; =2; =4"},
		{"a text in pieces", []string{"+Hel", "+lo", "=1", "=1"}, "1 Hel; 1 lo; =1; =2"},
		{"paragraphs", []string{"+a\n", "+\nb", "+\n\nc\n\n", "=3"}, "1 a; 1 |; 2 b; 2 |; 3 c; =1"},
		{"an empty paragraph", []string{"+a\n\n\n\nb", "=3"}, "1 a|; 2 |; 3 b; =1"},
		{"fewer parts than paragraphs", []string{"+a\n\nb\n\nc", "=1", "+d", "=1"}, "1 a|; 2 b|; 3 c; =1; 4 d; =4"},
		{"more parts than paragraphs", []string{"+a", "=3", "+d", "=1"}, "1 a; =1; 4 d; =4"},
		{"a reply of no parts ends the text", []string{"+a", "=0", "+b", "=1"}, "1 a; =1; 2 b; =2"},
		{"a fence in pieces", []string{"+`", "+``\n", "+a\n\n", "+b\n``", "+`\n\n", "+c"}, "1 `; 1 ``; 1 \na; 1 \n\nb\n``; 1 `; 1 |; 2 c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, numbers(t, &channels.Numbered{}, c.acts)); diff != "" {
				t.Errorf("numbers (-want +got):\n%s", diff)
			}
		})
	}
}

// What is not white space is never held back.
func TestNumberedIsPrompt(t *testing.T) {
	t.Parallel()
	var n channels.Numbered
	for _, c := range []struct {
		delta string
		want  []channels.Piece
	}{
		{" ", nil},
		{"a", []channels.Piece{{Number: 1, Text: "a"}}},
		{"b \n", []channels.Piece{{Number: 1, Text: "b"}}},
		{"c", []channels.Piece{{Number: 1, Text: " \nc"}}},
		{"\n", nil},
		{"\nd\n\ne", []channels.Piece{{Number: 1, Ends: true}, {Number: 2, Text: "d", Ends: true}, {Number: 3, Text: "e"}}},
		{"\n\n\n\n", nil},
		{"f", []channels.Piece{{Number: 3, Ends: true}, {Number: 4, Ends: true}, {Number: 5, Text: "f"}}},
	} {
		if got := n.Delta(c.delta, channels.FormatPlain); !slices.Equal(got, c.want) {
			t.Errorf("%q gives %+v, want %+v", c.delta, got, c.want)
		}
	}
}

// A text that stays whole is handed on as it comes. The format of its first piece decides.
func TestNumberedWhole(t *testing.T) {
	t.Parallel()
	n := channels.Numbered{Split: func(f channels.Format) bool { return f == channels.FormatPlain }}
	got := n.Delta(" a\n", channels.FormatMarkdown)
	got = append(got, n.Delta("\nb ", channels.FormatPlain)...)
	want := []channels.Piece{{Number: 1, Text: " a\n"}, {Number: 1, Text: "\nb "}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	n.Complete(1)
	if got := n.Delta("a\n\nb", channels.FormatPlain); len(got) != 2 {
		t.Errorf("the next text gives %+v, want it cut", got)
	}
}
