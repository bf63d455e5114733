package channeltest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
)

func TestContractFindsTextsRolledOverWrong(t *testing.T) {
	t.Parallel()
	testFaults(t, rolls, map[string]fault{
		"edits too often":     {func(m *messenger) { m.limits.Key.Count = 5 }, "edited every 200ms"},
		"edits without limit": {func(m *messenger) { m.limits.Key = channels.Rate{} }, "0 is no limit"},
		"by another rate":     {func(m *messenger) { m.limits.Edit = channels.Rate{Count: 100, Per: time.Second} }, "edited every 10ms"},
		"never rolled over":   {func(m *messenger) { m.limits.Live.Max = 0 }, "Limits.Live.Max must say"},
		"too late":            {func(m *messenger) { m.limits.Live.Max = 2 * maxText }, "parts of a text of Limits.Live.Max"},
		"grows beyond it": {func(m *messenger) {
			m.growing = func(p channels.Part) channels.Part {
				p.Reply.Text = strings.Repeat(p.Reply.Text, 3)
				return p
			}
		}, "where the platform takes 600"},
		"adds what replaces": {func(m *messenger) {
			m.body = func(p channels.Part) call {
				c := bodyOf(p)
				c.Adds = true
				return c
			}
		}, "where the platform takes 600"},
		"half a code block": {func(m *messenger) {
			m.growing = func(p channels.Part) channels.Part {
				p.Reply.Text = strings.ReplaceAll(growing(p).Reply.Text, "</pre>", "")
				return p
			}
		}, "a code block that grows: a part begins or ends within a code block"},
		"ends too early": {func(m *messenger) {
			m.fit = func(p channels.Part) []channels.Part {
				p.Reply.Text = p.Reply.Text[:len(p.Reply.Text)/2]
				return []channels.Part{p}
			}
		}, "put together, is another text"},
	})
}
