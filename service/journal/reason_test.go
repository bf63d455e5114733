package journal_test

import (
	"testing"

	"github.com/manyvox/manyvox/service/journal"
)

func TestSplitReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ reason, code, text string }{
		{journal.ReasonOf("agent_failed", "the connection broke: twice"), "agent_failed", "the connection broke: twice"},
		{"rejected (429)", "rejected", "rejected (429)"},
		{"absent", "absent", "absent"},
		{"it waited longer than stale_after", "", "it waited longer than stale_after"},
		{"Because: of this", "", "Because: of this"},
		{"", "", ""},
	} {
		if code, text := journal.SplitReason(c.reason); code != c.code || text != c.text {
			t.Errorf("%q: code %q, text %q; want %q and %q", c.reason, code, text, c.code, c.text)
		}
	}
}
