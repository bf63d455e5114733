package delivery

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// rollOverAt returns where the text of a part is cut that its message cannot go on with, and what
// the message is closed as: one part of Fit's. Where Fit makes more of it, less of the text is
// tried. It returns 0 where the text need not be cut, and where it can't be: then the message
// shows its beginning until the text is complete, and Fit cuts it.
func rollOverAt(in *instance.Instance, p channels.Part, limits channels.LiveLimits, grownTooLong bool) (cut int, closed channels.Part) {
	text := p.Reply.Text
	for {
		cut = cutAt(text, limits, grownTooLong)
		if cut == 0 {
			return 0, p
		}
		p.Reply.Text = trimmed(text, cut)
		if parts, err := fitAll(in, p); err == nil && len(parts) == 1 {
			return cut, parts[0]
		}
		if limits.Max = limits.Unit.Len(p.Reply.Text) / 2; limits.Max == 0 {
			return 0, p
		}
	}
}

// showable returns what a message shows of a text before that is complete.
func showable(text string, limits channels.LiveLimits) string {
	if limits.Max == 0 || limits.Unit.Len(text) <= limits.Max {
		return text
	}
	_, first := utf8.DecodeRuneInString(text)
	window := limits.Unit.Prefix(text, limits.Max)
	return strings.TrimRightFunc(text[:max(len(window), first)], unicode.IsSpace)
}

// cutAt returns where a text is cut that a message cannot go on with, 0 when it need not be.
// The text does not begin with white space.
// What stands before is the message's, without the white space at its end; what stands behind
// begins the next one and is not empty. A text that is too long is cut in any case, but for one
// that is too long for a code fence with which it begins: Fit cuts that in the end. One that has
// only grown for too long waits for a place.
func cutAt(text string, limits channels.LiveLimits, grownTooLong bool) int {
	text = strings.TrimRightFunc(text, unicode.IsSpace) // nothing follows it yet
	window := text
	if limits.Max > 0 {
		window = limits.Unit.Prefix(text, limits.Max)
	}
	tooLong := len(window) < len(text)
	if !tooLong && !grownTooLong {
		return 0
	}
	// A space behind the window ends a word in it.
	end := len(text) - len(strings.TrimLeftFunc(text[len(window):], unicode.IsSpace))
	if at := placeToCut(text[:end], len(window)/2); at > 0 && at < len(text) {
		return at
	}
	if !tooLong || openFence(text[:end]) >= 0 {
		return 0
	}
	_, first := utf8.DecodeRuneInString(text)
	return max(len(window), first)
}

// placeToCut returns the end of the last paragraph in text, or else of the last line, if it
// is behind least, or else of the last word. A text that ends in a code fence is cut before that:
// what stands behind a cut in a fence would not be code any more. It is 0 when there is no place.
func placeToCut(text string, least int) int {
	paragraph := lastParagraph(text)
	if paragraph >= least && paragraph > 0 {
		return paragraph
	}
	if fence := openFence(text); fence >= 0 {
		return fence
	}
	if line := strings.LastIndexByte(text, '\n') + 1; line >= least && line > 0 {
		return line
	}
	return lastWord(text)
}

// openFence returns where the code fence begins in which text ends, -1 when it ends in none. The
// lines of the fence itself belong to it.
func openFence(text string) int {
	var fence channels.CodeFence
	start, at := 0, 0
	for line := range strings.Lines(text) {
		if !fence.Open() {
			start = at
		}
		fence.Feed(line)
		at += len(line)
	}
	inside := fence.Open()
	fence.Feed("\n") // the last line may be the fence's first
	if inside || fence.Open() {
		return start
	}
	return -1
}

// lastParagraph returns where the last paragraph of text begins, 0 when it has but one.
func lastParagraph(text string) int {
	paragraphs := channels.Paragraphs(text + end)
	if len(paragraphs) < 2 {
		return 0
	}
	last := paragraphs[len(paragraphs)-1]
	return len(text) - (len(last) - len(end))
}

// end is a text that ends no paragraph.
const end = "."

// lastWord returns the place behind the last white space of text, 0 when there is none.
func lastWord(text string) int {
	i := strings.LastIndexFunc(text, unicode.IsSpace)
	if i < 0 {
		return 0
	}
	_, size := utf8.DecodeRuneInString(text[i:])
	return i + size
}
