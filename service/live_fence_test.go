package service_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A message that is full, or old, is never closed within a code fence: what follows would not be
// code any more, and what is behind the fence would.
func TestRollOverLeavesCodeFences(t *testing.T) {
	t.Parallel()
	line := "x := f(a)\n"
	code := func(n int) string {
		return `<pre><code class="language-go">` + strings.TrimSpace(strings.Repeat(line, n)) + "</code></pre>"
	}
	fence := "```go\n" + strings.Repeat(line, 8) + "```\nThat was *all*."
	for name, c := range map[string]struct {
		live channels.LiveLimits
		text string
		want []string
	}{
		"full":              {channels.LiveLimits{Max: 60}, fence, []string{code(8) + "\n\nThat was <i>all</i>."}},
		"old":               {channels.LiveLimits{For: 3 * time.Second}, fence, []string{code(8), "That was <i>all</i>."}},
		"full, with more":   {channels.LiveLimits{Max: 60}, "*Look:*\n" + fence, []string{"<i>Look:</i>", code(8) + "\n\nThat was <i>all</i>."}},
		"full by the fence": {channels.LiveLimits{Max: 100}, fence + " " + strings.Repeat("a ", 10) + "*b*", []string{code(8), "That was <i>all</i>. a a a a a a a a a a <i>b</i>"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{Limits: channels.Limits{Live: c.live}}
				p.OnFit = func(part channels.Part) []channels.Part {
					return markup.Fit(part, markup.Telegram, markup.Limit{Max: 4000})
				}
				script := func(ctx context.Context, _ agents.Turn, r channels.Replier, _ int) error {
					for text := c.text; text != ""; {
						n := min(10, len(text))
						if err := channels.DeltaIn(ctx, r, channels.FormatMarkdown, text[:n]); err != nil {
							return err
						}
						text = text[n:]
						time.Sleep(time.Second)
					}
					return nil
				}
				s := servicetest.NewStreamHarness(t, p, service.Config{Agent: &servicetest.ScriptedAgent{Script: script}})
				s.Post(t, "chat", "ann", "one")
				servicetest.Advance(time.Minute)
				if diff := cmp.Diff(c.want, p.Shown("chat", "ann")); diff != "" {
					t.Errorf("shown (-want +got):\n%s", diff)
				}
				for _, call := range p.Live("") {
					if n := channels.UnitRunes.Len(call.Part.Reply.Text); call.Call != "close" && c.live.Max > 0 && n > c.live.Max {
						t.Errorf("%s shows %d characters", call.Call, n)
					}
				}
			})
		})
	}
}
