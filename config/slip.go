package config

import (
	"regexp"
	"strings"
)

// slip is what a person got wrong in a file that is no YAML.
type slip struct {
	line int
	// text says what is wrong and what to do. It quotes nothing but punctuation, since a
	// value may be a secret.
	text string
}

// keyed is a line that begins with a key; the value is the second group.
var keyed = regexp.MustCompile(`^\s*(?:-\s+)*("[^"]*"|'[^']*'|[^\s"':{\[][^:]*)\s*:(?:\s+(.*))?$`)

// findSlip looks for what the parser stumbled over at a line, which counts from 1. The
// parser says what it expected there; this says what a person has probably done.
func findSlip(data string, at int, message string) slip {
	lines := strings.Split(strings.ReplaceAll(data, "\r\n", "\n"), "\n")
	if at < 1 || at > len(lines) {
		return slip{at, message}
	}
	if strings.HasPrefix(message, "mapping key ") {
		return slip{at, message + ": keep one"}
	}
	if text := slipIn(lines, at-1); text != "" {
		return slip{at, text}
	}
	if i := next(lines, at-1); strings.HasPrefix(message, "mapping value") && i > 0 && indent(lines[i]) > indent(lines[at-1]) {
		return slip{i + 1, "indented deeper than the line above, which has its value already: " + oneColumn}
	}
	for i := at - 2; i >= 0; i-- { // a quote that stays open swallows the lines below it
		if text := quoteSlip(valueOf(lines[i])); text == openQuote {
			return slip{i + 1, text}
		}
	}
	if strings.Contains(message, "must be specified") {
		return slip{at, "a comma or a closing bracket is missing: separate what stands in brackets by commas, and close them"}
	}
	if strings.HasPrefix(message, "value is not allowed") {
		return slip{at, "indented like no line above it: " + oneColumn}
	}
	return slip{at, message + ": quote a text with punctuation in it, and " + oneColumn}
}

const (
	openQuote = "a quote is not closed: close it"
	oneColumn = "begin the keys of one block in the same column"
)

// slipIn returns what is wrong with one line, "" when nothing can be seen in it.
func slipIn(lines []string, i int) string {
	line := lines[i]
	space := line[:len(line)-len(strings.TrimLeft(line, " \t\u00a0\u3000"))]
	switch rest := line[len(space):]; {
	case strings.Contains(space, "\t"):
		return "indented by a tab: use spaces"
	case strings.Trim(space, " ") != "":
		return "indented by a no-break space: use plain spaces"
	case strings.HasPrefix(rest, "//"), strings.HasPrefix(rest, ";"), strings.HasPrefix(rest, "/*"):
		return "a comment begins with #"
	case strings.HasPrefix(rest, ":"):
		return "a key is missing before the colon"
	case keyed.MatchString(line):
		return valueSlip(valueOf(line))
	case rest != "" && strings.ContainsRune(`{["'`, rune(rest[0])):
		return valueSlip(rest)
	case i > 0 && strings.ContainsAny(valueOf(lines[i-1]), "|>"):
		return "a text below | or > stands too far left: indent it deeper than its key"
	default:
		return keySlip(rest)
	}
}

// keySlip returns what keeps a text from being a key with its value.
func keySlip(text string) string {
	text = strings.TrimRight(text, " \t")
	switch {
	case text == "" || strings.HasPrefix(text, "#"), strings.Trim(text, "-.") == "":
		return ""
	case strings.HasPrefix(text, "//"):
		return "a comment begins with #"
	case len(text) > 1 && text[0] == '-' && text[1] != ' ':
		return "a space is missing behind the dash"
	case strings.Contains(text, "："):
		return "a full-width colon: use a plain one, and a space behind it"
	case strings.Contains(text, ":\u00a0"):
		return "a no-break space behind the colon: use a plain one"
	case strings.Contains(text, "=") && !strings.Contains(text, ":"):
		return `expected "key: value": use a colon and a space in place of =`
	case strings.Contains(text, ":"):
		return "a space is missing behind the colon"
	}
	return "a colon is missing"
}

// valueOf returns what stands behind the key of a line, "" when the line has no key.
func valueOf(line string) string {
	m := keyed.FindStringSubmatch(line)
	if m == nil {
		return ""
	}
	return strings.TrimSpace(m[2])
}

// header is what may stand behind the key of a text of several lines.
var header = regexp.MustCompile(`^[|>][-+0-9]{0,2}(\s+#.*)?$`)

// valueSlip returns what is wrong with an unquoted value that begins a line's text, or with
// its quotes.
func valueSlip(value string) string {
	if value == "" || value[0] == '#' {
		return ""
	}
	switch first := value[0]; first {
	case '"', '\'':
		return quoteSlip(value)
	case '{', '[':
		return bracketSlip(value)
	case '|', '>':
		if header.MatchString(value) {
			return ""
		}
		return beginsWith(value[:1])
	case '@', '`', '*', '&', '!', '%', '}', ']', ',':
		return beginsWith(value[:1])
	case '-', '?':
		if strings.HasPrefix(value[1:], " ") {
			return beginsWith(value[:1])
		}
	}
	value, _, _ = strings.Cut(value, " #")
	if strings.Contains(value, ": ") || strings.HasSuffix(value, ":") {
		return "a value has a colon with a space behind it: quote it"
	}
	return ""
}

func beginsWith(punctuation string) string {
	return "a value begins with " + punctuation + ": quote it"
}

// quoteSlip returns what is wrong with the quotes of a value, "" where it has none.
func quoteSlip(value string) string {
	if value == "" || value[0] != '"' && value[0] != '\'' {
		return ""
	}
	quote, rest := value[0], value[1:]
	for i := 0; i < len(rest); i++ {
		switch {
		case quote == '"' && rest[i] == '\\':
			if i++; i < len(rest) && !strings.ContainsRune("0abtnvfre \"/\\N_LPxuU\t", rune(rest[i])) {
				return `a \ in double quotes begins an escape: use single quotes`
			}
		case rest[i] == quote && quote == '\'' && strings.HasPrefix(rest[i+1:], "'"):
			i++ // two of them stand for one
		case rest[i] == quote:
			return behindQuote(strings.TrimSpace(rest[i+1:]), quote)
		}
	}
	return openQuote
}

// behindQuote returns what is wrong with the text behind a closing quote.
func behindQuote(text string, quote byte) string {
	switch {
	case text == "" || strings.ContainsRune("#,:]}", rune(text[0])):
		return ""
	case quote == '\'':
		return "a text goes on behind its closing quote: quote all of it, and write '' for a ' in it"
	}
	return `a text goes on behind its closing quote: quote all of it, and write \" for a " in it`
}

// bracketSlip returns what is wrong with a value that begins with a bracket.
func bracketSlip(value string) string {
	depth := 0
	for i := range len(value) {
		switch value[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth > 0 {
			continue
		}
		if behindQuote(strings.TrimSpace(value[i+1:]), '"') == "" {
			return "a value begins with " + value[:1] + ": quote it if it is a text; else see to its commas and colons"
		}
		break
	}
	if depth > 0 {
		return "a value begins with " + value[:1] + ", which is not closed: quote it if it is a text, else close it"
	}
	return beginsWith(value[:1])
}

// next returns the index of the next line with something on it, 0 when there is none.
func next(lines []string, i int) int {
	for i++; i < len(lines); i++ {
		if text := strings.TrimSpace(lines[i]); text != "" && text[0] != '#' {
			return i
		}
	}
	return 0
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
