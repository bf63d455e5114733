package markup

import "strings"

// telegram defines Telegram's HTML. It has no tags for lists, headings and lines.
func telegram() *syntax {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	attribute := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
	return &syntax{
		bullet: "• ", links: true, escape: escape,
		tags: func(st style, _ bool) []tag { return telegramTags(st, attribute) },
	}
}

// telegramTags nests as Telegram does: code and pre hold nothing else, and there is no quote
// within a quote.
func telegramTags(st style, attribute *strings.Replacer) []tag {
	var tags []tag
	// A quote that goes on over several blocks has one number, and stays open between them.
	if st.quote > 0 {
		tags = append(tags, tag{"<blockquote>", "</blockquote>", st.quote})
	}
	switch {
	case st.block > 0 && isLanguage(st.language):
		return append(tags, tag{`<pre><code class="language-` + st.language + `">`, "</code></pre>", st.block})
	case st.block > 0:
		return append(tags, tag{"<pre>", "</pre>", st.block})
	case st.code && st.link == "": // in a link it would end the link
		return append(tags, tag{open: "<code>", close: "</code>"})
	}
	if st.link != "" {
		tags = append(tags, tag{open: `<a href="` + attribute.Replace(st.link) + `">`, close: "</a>"})
	}
	for _, mark := range st.marks {
		name := string(mark) + ">"
		tags = append(tags, tag{open: "<" + name, close: "</" + name})
	}
	return tags
}

// maxLanguage bounds the name of a language.
const maxLanguage = 32

// isLanguage reports whether a name can stand in an attribute.
func isLanguage(name string) bool {
	for _, r := range name {
		if !isWord(r) && !strings.ContainsRune("+-#._", r) || r > '~' {
			return false
		}
	}
	return name != "" && len(name) <= maxLanguage
}
