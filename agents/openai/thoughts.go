package openai

import (
	"strings"
	"unicode"
)

// thoughts takes what a model thinks aloud out of a text that comes in pieces. Servers that
// know their model give its reasoning under another key, which is never read. The others leave
// it in front of the answer, between tags. It also takes out white space in front of the text.
type thoughts struct {
	state thoughtsState
	// held is what may be the beginning of a tag.
	held string
	// end is the tag that ends what is thought now.
	end string
}

type thoughtsState int

const (
	beforeText thoughtsState = iota
	inThought
	inText
)

// thoughtTags begin a thought; the tag that ends it has a slash.
func thoughtTags() []string { return []string{"<think>", "<thinking>"} }

// pass takes the next piece and returns what of the text can be shown now.
func (t *thoughts) pass(piece string) string {
	if t.state == inText {
		return piece
	}
	t.held += piece
	for {
		switch t.state { // each case returns or changes the state
		case inText:
			return t.rest()
		case inThought:
			if !t.skipThought() {
				return ""
			}
		case beforeText:
			if !t.findTag() {
				return ""
			}
		}
	}
}

// skipThought drops what is thought, and reports whether its end was found.
func (t *thoughts) skipThought() bool {
	_, after, found := strings.Cut(t.held, t.end)
	if !found { // the tag may have begun
		t.held = t.held[max(0, len(t.held)-len(t.end)+1):]
		return false
	}
	t.state, t.held = beforeText, after
	return true
}

// findTag reports whether it is clear by what the text begins.
func (t *thoughts) findTag() bool {
	t.held = strings.TrimLeftFunc(t.held, unicode.IsSpace)
	for _, tag := range thoughtTags() {
		switch after, found := strings.CutPrefix(t.held, tag); {
		case found:
			t.state, t.held, t.end = inThought, after, "</"+tag[1:]
			return true
		case strings.HasPrefix(tag, t.held): // nothing, too
			return false
		}
	}
	t.state = inText
	return true
}

// rest returns what was held back, at the end of the text. A thought that has no end is none of
// the text.
func (t *thoughts) rest() string {
	text := t.held
	t.held = ""
	if t.state == inThought {
		return ""
	}
	return text
}
