package channels

import "strings"

// Expand takes a reply apart into replies of a single kind, in Rasa's order: quick
// replies or buttons or text, then custom, image, attachment, elements. What is
// empty is left out. With split the text, when it stands alone, is trimmed and cut
// at blank lines as Rasa's channels do; a rendered reply never is.
func Expand(r Reply, split bool) []Reply {
	parts := make([]Reply, 0, 1)
	add := func(p Reply) {
		p.RecipientID, p.Extra, p.Rendered = r.RecipientID, r.Extra, r.Rendered
		parts = append(parts, p)
	}
	switch {
	case len(r.QuickReplies) > 0:
		add(Reply{Text: r.Text, QuickReplies: r.QuickReplies})
	case len(r.Buttons) > 0 || r.Rendered && r.Buttons != nil:
		add(Reply{Text: r.Text, Buttons: r.Buttons})
	case r.Text != "" && split && !r.Rendered:
		for _, paragraph := range Paragraphs(r.Text) {
			add(Reply{Text: paragraph})
		}
	case r.Text != "" || r.Rendered && r.Kind() == KindText:
		add(Reply{Text: r.Text})
	}
	if truthy(r.Custom) {
		add(Reply{Custom: r.Custom})
	}
	if r.Image != "" {
		add(Reply{Image: r.Image})
	}
	if truthy(r.Attachment) {
		add(Reply{Attachment: r.Attachment})
	}
	if len(r.Elements) > 0 {
		add(Reply{Elements: r.Elements})
	}
	return parts
}

// Paragraphs trims the whole text and cuts it at every two newlines. A paragraph
// keeps its inner and trailing spaces, and may be empty: "a\n\n\n\nb" is "a", "", "b".
func Paragraphs(text string) []string {
	return strings.Split(strings.TrimSpace(text), "\n\n")
}
