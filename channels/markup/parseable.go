package markup

import "strings"

// The work of parsing a paragraph or a nest of containers grows with the square of some
// characters in it. No text that is meant to be read has so many.
const (
	maxBrackets = 250  // [ and < of one paragraph
	maxRuns     = 1000 // * and _ of one paragraph
	maxCode     = 4    // times as many where the text seems to be code
	maxNested   = 48   // containers that begin in one line, by their characters
	maxLabels   = 500  // [label]: of a text
	maxSource   = 256 << 10
)

// parseable reports whether a text can be parsed in a time that grows with its length alone.
func parseable(source string) bool {
	if len(source) > maxSource {
		return false
	}
	brackets, runs, labels, most := 0, 0, 0, 1
	for line := range strings.Lines(source) {
		text := strings.TrimLeft(line, " \t>-+*0123456789.)")
		if containers(line[:len(line)-len(text)]) > maxNested {
			return false
		}
		if beginsBlock(line) {
			brackets, runs = 0, 0
		}
		if strings.HasPrefix(text, "```") || strings.HasPrefix(text, "~~~") {
			brackets, runs, most = 0, 0, maxCode+1-most
		}
		if strings.HasPrefix(text, "[") && strings.Contains(text, "]:") {
			labels++
		}
		brackets += strings.Count(line, "[") + strings.Count(line, "<")
		runs += strings.Count(line, "*") + strings.Count(line, "_")
		if brackets > most*maxBrackets || runs > most*maxRuns || labels > maxLabels {
			return false
		}
	}
	return true
}

// containers counts what may begin quotes and lists at the start of a line.
func containers(start string) int {
	n := strings.Count(start, "\t") + strings.Count(start, ">")
	for _, marker := range []string{"- ", "+ ", "* ", ". ", ") "} {
		n += strings.Count(start, marker)
	}
	return n
}

// beginsBlock reports whether a line surely ends the paragraph before it.
func beginsBlock(line string) bool {
	rest := strings.TrimLeft(line, " ")
	if strings.TrimSpace(rest) == "" {
		return true
	}
	for _, marker := range []string{"- ", "* ", "+ ", "# ", "## ", "### "} {
		if text, ok := strings.CutPrefix(rest, marker); ok && len(line)-len(rest) <= 3 {
			return strings.TrimSpace(text) != ""
		}
	}
	return false
}
