package telegramtest

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// Entity is a piece of a text that is shown in a style. Offset and Length count UTF-16.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

// kinds are the tags of Telegram's HTML. https://core.telegram.org/bots/api#html-style
func kinds() map[string]string {
	return map[string]string{
		"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
		"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "a": "text_link",
		"code": "code", "pre": "pre", "blockquote": "blockquote", "span": "spoiler", "tg-spoiler": "spoiler",
	}
}

var (
	tagPattern = regexp.MustCompile(`^<(/?)([A-Za-z][A-Za-z0-9-]*)([^<>]*)>`)
	href       = regexp.MustCompile(`href="([^"]*)"`)
	reference  = regexp.MustCompile(`^&(lt|gt|amp|quot|#[0-9]+|#x[0-9A-Fa-f]+);`)
)

// open is a tag that is open.
type open struct {
	name string
	Entity
}

// parseHTML returns the text of Telegram's HTML and what is in a style, or Telegram's words
// about what is wrong.
func parseHTML(source string) (text string, entities []Entity, err error) {
	var b strings.Builder
	var stack []open
	for at := 0; at < len(source); {
		switch source[at] {
		case '&':
			if m := reference.FindString(source[at:]); m != "" {
				b.WriteString(html.UnescapeString(m))
				at += len(m)
				continue
			}
		case '<':
			m := tagPattern.FindStringSubmatch(source[at:])
			if m == nil {
				return "", nil, fmt.Errorf("Unclosed start tag at byte offset %d", at) //nolint:staticcheck // Telegram's words
			}
			if stack, entities, err = tag(stack, entities, m, at, length(b.String())); err != nil {
				return "", nil, err
			}
			at += len(m[0])
			continue
		}
		b.WriteByte(source[at])
		at++
	}
	if len(stack) > 0 {
		//nolint:staticcheck // Telegram's words
		return "", nil, fmt.Errorf("Can't find end tag corresponding to start tag \"%s\"", stack[len(stack)-1].name)
	}
	return b.String(), entities, nil
}

// tag opens or closes a tag.
func tag(stack []open, entities []Entity, m []string, at, offset int) ([]open, []Entity, error) {
	closes, name, attributes := m[1] != "", strings.ToLower(m[2]), m[3]
	kind, known := kinds()[name]
	last := len(stack) - 1
	//nolint:staticcheck // Telegram's words
	switch {
	case closes && last < 0:
		return nil, nil, fmt.Errorf("Unexpected end tag at byte offset %d", at)
	case closes && stack[last].name != name:
		return nil, nil, fmt.Errorf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", at, stack[last].name, name)
	case closes:
		e := stack[last].Entity
		if e.Length = offset - e.Offset; e.Length > 0 {
			entities = append(entities, e)
		}
		return stack[:last], entities, nil
	case !known:
		return nil, nil, fmt.Errorf("Unsupported start tag \"%s\" at byte offset %d", name, at)
	case name == "span" && !strings.Contains(attributes, `class="tg-spoiler"`):
		return nil, nil, fmt.Errorf("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", at)
	}
	e := Entity{Type: kind, Offset: offset}
	if link := href.FindStringSubmatch(attributes); link != nil {
		e.URL = html.UnescapeString(link[1])
	}
	return append(slices.Clip(stack), open{name, e}), entities, nil
}

// length counts UTF-16.
func length(text string) int { return len(utf16.Encode([]rune(text))) }
