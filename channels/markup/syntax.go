package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Syntax is the markup of a platform.
type Syntax int

// The markups.
const (
	// Plain has none: a link is followed by its address.
	Plain Syntax = iota
	// Slack is mrkdwn (https://docs.slack.dev/messaging/formatting-message-text).
	Slack
	// Telegram is the HTML of parse_mode (https://core.telegram.org/bots/api#html-style).
	Telegram
	// WhatsApp has marks and no links (https://faq.whatsapp.com/539178204879377).
	WhatsApp
)

// syntax is how a markup is written.
type syntax struct {
	bullet string
	// links says that a label can lead to an address.
	links bool
	// quote stands before each line of a quote.
	quote string
	// escape makes text of a text.
	escape *strings.Replacer
	// tags returns what is open around a style, the outermost first. Newline asks for that
	// around a line's end.
	tags func(st style, newline bool) []tag
	// signs are the signs of bold and italic where a sign counts only at the edge of a word.
	signs map[rune]string
	// text, when set, changes the text of a span so that nothing in it is markup.
	text func(s *span) string
}

// tag is what opens and closes around a text.
type tag struct {
	open, close string
	// of tells apart two that look alike and are not one: the number of a quote or block.
	of int
}

// define returns how a markup is written.
func (s Syntax) define() *syntax {
	switch s {
	case Slack:
		return slack()
	case Telegram:
		return telegram()
	case WhatsApp:
		return whatsApp()
	}
	return plain()
}

// plain is text without any markup.
func plain() *syntax {
	return &syntax{
		bullet: "- ", quote: "> ", escape: strings.NewReplacer(),
		tags: func(style, bool) []tag { return nil },
	}
}

// prepare fits spans to what the markup can show.
func (s *syntax) prepare(spans []span) []span {
	for mark, sign := range s.signs {
		s.dropMarks(spans, mark, sign)
	}
	// Nothing escapes a backtick: code that has one is shown as text.
	for i := range spans {
		if st := &spans[i].style; s.signs != nil && st.code && strings.Contains(spans[i].text, "`") {
			st.code = false
		}
	}
	if s.text != nil {
		for i := range spans {
			spans[i].text = s.text(&spans[i])
		}
	}
	return spans
}

// dropMarks takes a mark from where its sign would be shown and mark nothing: within a word,
// beside white space, around the sign itself. It looks at each stretch of spans that has the
// mark and at the character on either side of it.
func (s *syntax) dropMarks(spans []span, mark rune, sign string) {
	for start := 0; start < len(spans); start++ {
		end, shown := start, true
		for end < len(spans) && spans[end].style.marks.has(mark) {
			shown = shown && !strings.Contains(spans[end].text, sign)
			end++
		}
		if end == start {
			continue
		}
		before, after := ' ', ' '
		if start > 0 {
			before, _ = utf8.DecodeLastRuneInString(spans[start-1].text)
		}
		if end < len(spans) {
			after, _ = utf8.DecodeRuneInString(spans[end].text)
		}
		first, _ := utf8.DecodeRuneInString(spans[start].text)
		last, _ := utf8.DecodeLastRuneInString(spans[end-1].text)
		if !shown || isWord(before) || isWord(after) || unicode.IsSpace(first) || unicode.IsSpace(last) {
			for i := start; i < end; i++ {
				spans[i].style.marks = spans[i].style.marks.without(mark)
			}
		}
		start = end - 1
	}
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isBlank reports whether a reader sees nothing of a text.
func isBlank(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r)
	}) == ""
}

// breakFences keeps backticks in a text from opening a code block, or closing the one that
// they are in.
func breakFences(text string) string {
	return strings.ReplaceAll(text, "``", "`\u200b`")
}
