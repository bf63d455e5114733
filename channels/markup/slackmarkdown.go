package markup

import "strings"

// SafeMarkdown returns Markdown for those methods of Slack that take it, such as its streams. No
// text of it is a mention of Slack's, by which an assistant could call everybody. What is put in
// between is seen by nobody. The result for the beginning of a text is the beginning of the result.
func SafeMarkdown(text string) string {
	var b strings.Builder
	before, last := ' ', ' '
	for _, r := range text {
		switch {
		case last == '<' && strings.ContainsRune("!@#", r),
			// of @here, @channel and @everyone, but not of an address
			last == '@' && strings.ContainsRune("hceHCE", r) && !isWord(before) && before != '.' && before != '-':
			b.WriteRune('\u200b')
		}
		b.WriteRune(r)
		before, last = last, r
	}
	return b.String()
}
