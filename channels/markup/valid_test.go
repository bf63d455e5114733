package markup_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels/markup"
)

// valid returns what is wrong with a text in a markup.
func valid(s markup.Syntax, text string) error {
	switch {
	case !utf8.ValidString(text):
		return errors.New("not UTF-8")
	case strings.ContainsAny(text, "\x00\r"):
		return errors.New("a control character")
	}
	switch s {
	case markup.Telegram:
		return validTelegram(text)
	case markup.Slack:
		return validSlack(text)
	case markup.WhatsApp:
		return validFences(text)
	}
	return nil
}

var (
	telegramOpen   = regexp.MustCompile(`^<(b|i|code|pre|blockquote)>|^<(a) href="((?:https?://|mailto:|tel:)[^"<>\s]*)">|^<(code) class="language-[A-Za-z0-9+#._-]{1,32}">`)
	telegramClose  = regexp.MustCompile(`^</(\w+)>`)
	telegramEntity = regexp.MustCompile(`^&(?:lt|gt|amp|quot);`)
)

// validTelegram parses Telegram's HTML strictly: known tags, closed in order, that hold no more
// than they may.
func validTelegram(text string) error {
	var open []string
	for i := 0; i < len(text); {
		rest := text[i:]
		switch text[i] {
		case '<':
			if m := telegramClose.FindStringSubmatch(rest); m != nil {
				if len(open) == 0 || open[len(open)-1] != m[1] {
					return fmt.Errorf("byte %d: %s closes %v", i, m[0], open)
				}
				open = open[:len(open)-1]
				i += len(m[0])
				continue
			}
			m := telegramOpen.FindStringSubmatch(rest)
			if m == nil {
				return fmt.Errorf("byte %d: no tag: %.40q", i, rest)
			}
			tag := m[1] + m[2] + m[4]
			if err := mayHold(open, tag, m[4] != ""); err != nil {
				return fmt.Errorf("byte %d: %w", i, err)
			}
			for _, entity := range strings.Split(m[3], "&")[1:] {
				if !telegramEntity.MatchString("&" + entity) {
					return fmt.Errorf("byte %d: bad address %q", i, m[3])
				}
			}
			open = append(open, tag)
			i += len(m[0])
		case '>':
			return fmt.Errorf("byte %d: a > that is not escaped", i)
		case '&':
			if !telegramEntity.MatchString(rest) {
				return fmt.Errorf("byte %d: no entity: %.10q", i, rest)
			}
			i++
		default:
			i++
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("%v is not closed", open)
	}
	return nil
}

// mayHold reports a tag where Telegram does not take it.
func mayHold(open []string, tag string, language bool) error {
	for i, outer := range open {
		switch {
		case outer == tag:
			return fmt.Errorf("%s within itself", tag)
		case outer == "pre" && language && i == len(open)-1:
		case outer == "code" || outer == "pre":
			return fmt.Errorf("%s within %s", tag, outer)
		}
	}
	if language && (len(open) == 0 || open[len(open)-1] != "pre") {
		return errors.New("a language outside pre")
	}
	return nil
}

var (
	slackLink   = regexp.MustCompile(`<(?:https?://|mailto:|tel:)[^<>|\s]+\|[^<>\n]+>`)
	slackEntity = regexp.MustCompile(`&(?:amp|lt|gt);`)
	slackCode   = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	slackCalls  = regexp.MustCompile(`(?i)@(here|channel|everyone)\b`)
)

// validSlack wants no <, > or & but those of links and entities, and no call of everyone.
func validSlack(text string) error {
	if rest := slackEntity.ReplaceAllString(slackLink.ReplaceAllString(text, ""), ""); strings.ContainsAny(rest, "<>&") {
		return fmt.Errorf("not escaped: %q", rest)
	}
	if call := slackCalls.FindString(slackLink.ReplaceAllString(slackCode.ReplaceAllString(text, ""), "")); call != "" {
		return fmt.Errorf("it calls %s", call)
	}
	return validFences(text)
}

// validFences wants each code block to be closed.
func validFences(text string) error {
	if strings.Count(text, "```")%2 != 0 {
		return errors.New("a code block is not closed")
	}
	return nil
}

// The checkers find what is wrong.
func TestValid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		syntax markup.Syntax
		text   string
		want   bool
	}{
		{markup.Telegram, `a <b>b <i>c</i></b> &lt; <pre><code class="language-go">x</code></pre>`, true},
		{markup.Telegram, `<a href="https://x/?a=1&amp;b=2">x</a>`, true},
		{markup.Telegram, `<a href="javascript:x">x</a>`, false},
		{markup.Telegram, `<a href="https://x/?a=1&b=2">x</a>`, false},
		{markup.Telegram, `<b>a`, false},
		{markup.Telegram, `<b><i>a</b></i>`, false},
		{markup.Telegram, `<p>a</p>`, false},
		{markup.Telegram, `a & b`, false},
		{markup.Telegram, `&nbsp;`, false},
		{markup.Telegram, `a > b`, false},
		{markup.Telegram, `<code><b>a</b></code>`, false},
		{markup.Telegram, `<code class="language-go">a</code>`, false},
		{markup.Telegram, `<blockquote><blockquote>a</blockquote></blockquote>`, false},
		{markup.Slack, "*a* <https://x|y> &lt;", true},
		{markup.Slack, "<!channel>", false},
		{markup.Slack, "<@U1>", false},
		{markup.Slack, "a & b", false},
		{markup.Slack, "@here", false},
		{markup.Slack, "<javascript:x|y>", false},
		{markup.Slack, "```\na\n```", true},
		{markup.Slack, "```\na", false},
		{markup.WhatsApp, "a ``` b", false},
	} {
		if err := valid(c.syntax, c.text); (err == nil) != c.want {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}
