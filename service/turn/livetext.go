package turn

import (
	"slices"
	"strings"
	"unicode"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// liveText is the text in progress of a stored message whose channel shows replies while
// they grow. Each paragraph that will be a part of its own is a live part of its own.
type liveText struct {
	to       LiveParts
	numbered channels.Numbered // cuts the paragraphs
	format   channels.Format
	// first is the id with which the live part in progress began, empty while there is none.
	first string
	// text is what there is of the paragraph in progress, from its first visible character
	// on. Shown are the paragraphs before it.
	text  strings.Builder
	shown []string
	// begun are the ids with which the live parts of the turn began.
	begun []string
}

// newLiveText returns nil when the texts of the channel are sent complete.
func newLiveText(in *instance.Instance, to LiveParts) *liveText {
	if _, grows := in.Channel.(channels.Streamer); !grows || to == nil {
		return nil
	}
	return &liveText{to: to, numbered: channels.Numbered{Split: in.Splits}}
}

// endParagraph begins the next paragraph.
func (t *liveText) endParagraph() {
	if t.text.Len() > 0 {
		t.shown = append(t.shown, t.text.String())
	}
	t.text.Reset()
}

// said returns the paragraphs of the text in progress, to the recipient.
func (t *liveText) said(to string) (rs []channels.Reply) {
	for _, text := range append(slices.Clone(t.shown), t.text.String()) {
		if text != "" {
			rs = append(rs, channels.Reply{RecipientID: to, Text: text, Format: t.format})
		}
	}
	return rs
}

// reset ends the text in progress.
func (t *liveText) reset() {
	t.first, t.shown = "", nil
	t.text.Reset()
}

// unshown returns what a reply has beyond the paragraphs that are shown already. A reply
// that says something else follows whole: what is shown stays.
func (t *liveText) unshown(rs []channels.Reply) []channels.Reply {
	rest := rs
	for _, text := range t.shown {
		var same bool
		if rest, same = after(rest, text); !same {
			return rs
		}
		if len(rest) == 0 {
			return nil
		}
	}
	return rest
}

// unclosed cuts what is left of a reply as the growing text is cut: closed bytes of that are
// in earlier messages; where the present one is being closed, it ends at next.
func (t *liveText) unclosed(rs []channels.Reply, closed, next int) []channels.Reply {
	grown, rs := t.text.String(), skipBlank(rs)
	if rest, same := after(rs, grown[:closed]); same {
		rs = rest
	}
	if len(rs) == 0 || isBlank(rs[0].Text) {
		rs = append([]channels.Reply{{Text: grown[closed:], Format: t.format}}, rs...)
	}
	if next == closed {
		return rs
	}
	if rest, same := after(rs, grown[closed:next]); same {
		return append([]channels.Reply{{Text: strings.TrimRightFunc(grown[closed:next], unicode.IsSpace), Format: t.format}}, rest...)
	}
	return rs
}

// after returns what replies have after a text, and whether the first begins with it.
func after(rs []channels.Reply, text string) (rest []channels.Reply, same bool) {
	rs = skipBlank(rs)
	switch {
	case len(rs) == 0:
		return nil, false
	case isBlank(text):
		return rs, true
	}
	behind, same := strings.CutPrefix(strings.TrimLeftFunc(rs[0].Text, unicode.IsSpace), strings.TrimSpace(text))
	if !same {
		return rs, false
	}
	first := rs[0]
	first.Text = strings.TrimLeftFunc(behind, unicode.IsSpace)
	return skipBlank(append([]channels.Reply{first}, rs[1:]...)), true
}

// skipBlank leaves out the texts before the first that shows something.
func skipBlank(rs []channels.Reply) []channels.Reply {
	for len(rs) > 0 && rs[0].Kind() == channels.KindText && isBlank(rs[0].Text) {
		rs = rs[1:]
	}
	return rs
}

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }
