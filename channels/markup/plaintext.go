package markup

import (
	"html"
	"regexp"
)

var (
	anchor = regexp.MustCompile(`(?s)<a href="([^"]*)">(.*?)</a>`)
	anyTag = regexp.MustCompile(`<[^>]*>`)
)

// PlainText returns the text of what was rendered as Telegram's HTML, with the addresses of its
// links, for a platform that refuses the markup.
func PlainText(rendered string) string {
	return html.UnescapeString(anyTag.ReplaceAllString(anchor.ReplaceAllString(rendered, "$2 ($1)"), ""))
}
