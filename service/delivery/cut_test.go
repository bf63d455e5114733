package delivery

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
)

func TestCutAt(t *testing.T) {
	t.Parallel()
	const long = "one two three four five six seven"
	for _, c := range []struct {
		name, text   string
		max          int
		grownTooLong bool
		head         string // what the message shows; empty when it is not cut
	}{
		{"short", "one two", 10, false, ""},
		{"without a limit", long, 0, false, ""},
		{"at a word", long, 10, false, "one two"},
		{"at the end of a word", "one two three", 7, false, "one two"},
		{"at a line", "one two\nthree four", 15, false, "one two"},
		{"at a word, since the line ends too early", "one\ntwo three four", 15, false, "one\ntwo three"},
		{"at a paragraph", "one two\n\nthree\nfour five", 16, false, "one two"},
		{"at a line, since the paragraph ends too early", "one\n\ntwo three\nfour", 16, false, "one\n\ntwo three"},
		{"in a word, since there is no other place", "abcdefgh", 5, false, "abcde"},
		{"before a code fence", "see\n\n```\na b c\nd e f\n```", 16, false, "see"},
		{"before a code fence behind a line", "see the code:\n```\na b c\nd e f\n```", 24, false, "see the code:"},
		{"before the first line of a code fence", "see\n``` go lang\na b c", 12, false, "see"},
		{"before the last line of a code fence", "see\n```\na b c\n```\nok", 16, false, "see"},
		{"behind the last line of a code fence", "see\n```\na b c\n```\nok", 17, false, "see\n```\na b c\n```"},
		{"behind a code fence", "```\na b c\n```\nthat was all", 18, false, "```\na b c\n```"},
		{"in a word behind a code fence", "```\na\n```\n" + "abcdefghijklmnop", 16, false, "```\na\n```"},
		{"not in a code fence that is too long", "```\na b c\nd e f\n```\nthat was all", 12, false, ""},
		{"not in a code fence that has grown too long", "~~~\na b c\nd e f", 0, true, ""},
		{"before a code fence that has grown too long", "see\n~~~\na b c\nd e f", 0, true, "see"},
		{"grown too long", long, 0, true, "one two three four five six"},
		{"grown too long, in one word", "one", 0, true, ""},
		{"grown too long, with nothing behind a word", "one ", 0, true, ""},
		{"a character longer than the limit", "😀😀", 0, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			limits := channels.LiveLimits{Max: c.max, For: time.Second}
			at := cutAt(c.text, limits, c.grownTooLong)
			head := ""
			if at > 0 {
				head = trimmed(c.text, at)
			}
			if head != c.head {
				t.Errorf("the message is %q, want %q", head, c.head)
			}
		})
	}
}

// FuzzCutAt checks that both sides of a cut show something, that the message is no longer
// than the limit, and that neither a character nor a code fence is cut.
func FuzzCutAt(f *testing.F) {
	f.Add("one two\n\nthree ```\ncode\n``` four", 10, "", true)
	f.Add("a😀\u3000b\u00a0c", 3, "utf16", false)
	f.Add("```\n\n\n", 2, "bytes", false)
	f.Fuzz(func(t *testing.T, text string, most int, unit string, tooLong bool) {
		limits := channels.LiveLimits{Max: most, Unit: channels.Unit(unit)}
		if limits.Validate() != nil || !utf8.ValidString(text) || text == "" || strings.TrimLeftFunc(text, unicode.IsSpace) != text {
			return
		}
		at := cutAt(text, limits, tooLong)
		if at == 0 {
			if strings.HasPrefix(text, "```") || strings.HasPrefix(text, "~~~") {
				return // it may be all code
			}
			if first, _ := utf8.DecodeRuneInString(text); most > 0 && limits.Unit.Len(strings.TrimSpace(text)) > max(most, limits.Unit.Len(string(first))) {
				t.Errorf("a text that is too long is not cut")
			}
			return
		}
		head, rest := trimmed(text, at), text[at:]
		if head == "" || !utf8.ValidString(head) || strings.TrimSpace(rest) == "" {
			t.Errorf("cut at %d: %q and %q", at, head, rest)
		}
		var fence channels.CodeFence
		if fence.Feed(text[:at] + "\n"); fence.Open() {
			t.Errorf("cut in a code fence at %d: %q", at, text)
		}
		if n := limits.Unit.Len(head); most > 0 && n > most && utf8.RuneCountInString(head) > 1 {
			t.Errorf("the message has the length %d", n)
		}
	})
}
