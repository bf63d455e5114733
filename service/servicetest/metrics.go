package servicetest

import (
	"strings"
	"testing"
)

// CheckMetrics checks that /metrics has these lines, each given without "manyvox_". The
// service must have the operator's token "operator".
func (r *Running) CheckMetrics(t *testing.T, lines ...string) {
	t.Helper()
	_, metrics := r.Get(t, "/metrics?token=operator")
	for _, line := range lines {
		if !strings.Contains(metrics, "\nmanyvox_"+line+"\n") {
			t.Errorf("the metrics lack %q:\n%s", line, LinesWith(metrics, line[:strings.IndexAny(line, "{ ")]))
		}
	}
}

// LinesWith returns the lines of a text that contain a word.
func LinesWith(text, word string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			b.WriteString(line)
		}
	}
	return b.String()
}
