package markup

import "github.com/manyvox/manyvox/channels"

// Fit cuts the text of a part within a limit, for a channel's method Fit. Text of format markdown
// is rendered; the parts keep the format, which tells Send that their text is the platform's
// own markup. Any other text stays as it is. Buttons stay under the last part. A part that is
// no text, with or without buttons, is returned as it came; one whose text shows nothing only
// when it has buttons.
func Fit(p channels.Part, s Syntax, l Limit) []channels.Part {
	var texts []string
	switch kind := p.Kind(); {
	case kind != channels.KindText && kind != channels.KindButtons && kind != channels.KindQuickReplies:
		return []channels.Part{p}
	case p.Reply.Format == channels.FormatMarkdown:
		texts = Cut(s, p.Reply.Text, l)
	default:
		texts = CutText(p.Reply.Text, l)
	}
	if len(texts) == 0 && p.Kind() != channels.KindText {
		texts = []string{""}
	}
	parts := make([]channels.Part, len(texts))
	for i, text := range texts {
		parts[i] = p
		parts[i].Reply.Text = text
		if i < len(texts)-1 {
			parts[i].Reply.Buttons, parts[i].Reply.QuickReplies = nil, nil
		}
	}
	return parts
}
