package markup

import (
	"regexp"
	"strings"
)

// slack defines Slack's mrkdwn. Three characters are escaped, so that no text is a mention or
// a link; the signs of bold, italic and code cannot be.
func slack() *syntax {
	everyone := regexp.MustCompile(`(?i)@(here|channel|everyone)\b`)
	return &syntax{
		bullet: "• ", links: true, quote: "&gt; ",
		escape: strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;"),
		tags:   slackTags,
		signs:  map[rune]string{bold: "*", italic: "_"},
		text: func(s *span) string {
			if s.style.block > 0 || s.style.code {
				return breakFences(s.text)
			}
			return everyone.ReplaceAllString(breakFences(s.text), "@\u200b$1") // or all would be called
		},
	}
}

func slackTags(st style, newline bool) []tag {
	if st.block > 0 {
		return []tag{{"```\n", "\n```", st.block}}
	}
	if newline { // no sign holds beyond the end of its line
		return nil
	}
	// The link is within the signs, since Slack shows a sign within a label as it is.
	tags := signTags(st, "*", "_")
	switch {
	case st.link != "":
		address := strings.NewReplacer("&", "&amp;").Replace(st.link)
		tags = append(tags, tag{open: "<" + address + "|", close: ">"})
	case st.code:
		tags = append(tags, tag{open: "`", close: "`"})
	}
	return tags
}

// signTags returns the marks of a style as signs.
func signTags(st style, boldSign, italicSign string) []tag {
	var tags []tag
	for _, mark := range st.marks {
		sign := italicSign
		if mark == bold {
			sign = boldSign
		}
		tags = append(tags, tag{open: sign, close: sign})
	}
	return tags
}
