package markup

import "strings"

// whatsApp defines WhatsApp's marks, which no character escapes.
func whatsApp() *syntax {
	return &syntax{
		bullet: "• ", quote: "> ", escape: strings.NewReplacer(),
		tags:  whatsAppTags,
		signs: map[rune]string{bold: "*", italic: "_"},
		text:  func(s *span) string { return breakFences(s.text) },
	}
}

func whatsAppTags(st style, newline bool) []tag {
	switch {
	case st.block > 0:
		return []tag{{"```\n", "\n```", st.block}}
	case newline || st.address:
		return nil
	}
	tags := signTags(st, "*", "_")
	if st.code {
		tags = append(tags, tag{open: "`", close: "`"})
	}
	return tags
}
