package markup_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/manyvox/manyvox/channels/markup"
)

func TestFromSlack(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"<@U1> hi":                     "hi",
		"hi <@U1>, you<@U1>!":          "hi, you !",
		"sit<@U1> here <@U1|vox>":      "sit here",
		"<@U2> <@U3|ben> <@U3|@ben>":   "@U2 @ben @ben",
		"<#C1> <#C1|crew> <#C1|#crew>": "#C1 #crew #crew",
		"<!here> <!channel|@channel> <!subteam^S1|@grp> <!subteam^S1> <!date^1^{date}|today>": "@here @channel @grp @subteam today",
		"<https://x.test/?a&amp;b> <https://x.test|x> <mailto:a@b.test|a@b.test> <tel:+49>":   "https://x.test/?a&b x a@b.test tel:+49",
		"&lt;@U1&gt; &amp;lt;": "<@U1> &lt;",
		"1 < 2 > 0 <> <x>":     "1 < 2 > 0 <> <x>",
	} {
		if got := markup.FromSlack(text, "U1", "U1.*"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzFromSlack takes any text, and leaves no mention of a bot.
func FuzzFromSlack(f *testing.F) {
	f.Add("<@U1> <@U1|x> <!date^1^x|y> &lt;")
	f.Add("<<@U1>@U1>")
	f.Fuzz(func(t *testing.T, text string) {
		got := markup.FromSlack(text, "U1")
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", text, got)
		}
		if strings.TrimSpace(got) != got || len(got) > 2*len(text) {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}
