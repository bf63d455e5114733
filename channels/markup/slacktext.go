package markup

import (
	"regexp"
	"strings"
)

// reference is what stands in < > in a text of Slack's: a mention, a channel or a link, with its
// label. https://docs.slack.dev/messaging/formatting-message-text
var reference = regexp.MustCompile(`<((?:[@#!]|[a-z]+:)[^<>|]+)(?:\|([^<>]*))?>`)

// FromSlack returns what somebody has written in Slack, as they see it: without entities, and with
// the labels of what is in < >. The mentions of the bots, by their ids, are taken away as Rasa does
// it, with the space behind, or else before them, but no words are joined.
func FromSlack(text string, bots ...string) string {
	for _, bot := range bots {
		if bot == "" { // one that is not known yet
			continue
		}
		mention := `<@` + regexp.QuoteMeta(bot) + `(?:\|[^<>]*)?>`
		text = regexp.MustCompile(`(^|\s)`+mention+`\s`).ReplaceAllString(text, "$1")
		text = regexp.MustCompile(`\s`+mention).ReplaceAllString(text, "")
		text = regexp.MustCompile(mention+`\s?`).ReplaceAllString(text, " ")
	}
	text = reference.ReplaceAllStringFunc(text, func(found string) string {
		m := reference.FindStringSubmatch(found)
		return referenceText(m[1], m[2])
	})
	return strings.TrimSpace(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text))
}

// referenceText returns what is shown for a reference.
func referenceText(to, label string) string {
	sign, id := to[:1], to[1:]
	switch {
	case sign == "!" && !strings.HasPrefix(id, "subteam^") && !strings.HasPrefix(id, "date^"): // here, channel, everyone
		return "@" + strings.TrimPrefix(id, "@")
	case sign == "!" && label == "":
		name, _, _ := strings.Cut(id, "^")
		return "@" + name
	case sign == "!": // the label has the sign
		return label
	case sign == "@" && label != "":
		return "@" + strings.TrimPrefix(label, "@")
	case sign == "#" && label != "":
		return "#" + strings.TrimPrefix(label, "#")
	case sign == "@" || sign == "#" || label == "":
		return to
	}
	return label
}
