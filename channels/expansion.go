package channels

import "strings"

// Expand takes a reply apart into replies of a single kind, in Rasa's order: quick
// replies or buttons or text, then custom, image, attachment, elements. What is
// empty is left out. With split the text, when it stands alone, is trimmed and cut
// at blank lines outside code fences, as Rasa's channels do; a rendered reply never is.
func Expand(r Reply, split bool) []Reply {
	if r.isOneText(split) { // most are
		return []Reply{r}
	}
	return expand(r, split)
}

func expand(r Reply, split bool) []Reply {
	e := expansion{of: &r}
	switch {
	case len(r.QuickReplies) > 0:
		e.addText(r.Text).QuickReplies = r.QuickReplies
	case len(r.Buttons) > 0 || r.Rendered && r.Buttons != nil:
		e.addText(r.Text).Buttons = r.Buttons
	case r.Text != "" && split && !r.Rendered:
		for _, paragraph := range Paragraphs(r.Text) {
			e.addText(paragraph)
		}
	case r.Text != "" || r.Rendered && r.Kind() == KindText:
		e.addText(r.Text)
	}
	if Truthy(r.Custom) {
		e.add().Custom = r.Custom
	}
	if r.Image != "" {
		e.add().Image = r.Image
	}
	if Truthy(r.Attachment) {
		e.add().Attachment = r.Attachment
	}
	if len(r.Elements) > 0 {
		e.add().Elements = r.Elements
	}
	return e.parts
}

// isOneText reports whether r is a text and nothing else, and stays as it is.
func (r *Reply) isOneText(split bool) bool {
	if r.Text == "" || r.Kind() != KindText {
		return false
	}
	return !split || r.Rendered || strings.TrimSpace(r.Text) == r.Text && !strings.Contains(r.Text, "\n\n")
}

// expansion is a reply and the parts it has been taken apart into so far.
type expansion struct {
	of    *Reply
	parts []Reply
}

// add appends a part and returns it.
func (e *expansion) add() *Reply {
	e.parts = append(e.parts, Reply{RecipientID: e.of.RecipientID, Extra: e.of.Extra, Rendered: e.of.Rendered})
	return &e.parts[len(e.parts)-1]
}

// addText appends a part that has a text and returns it.
func (e *expansion) addText(text string) *Reply {
	p := e.add()
	p.Text, p.Format, p.NoText = text, e.of.Format, e.of.NoText
	return p
}
