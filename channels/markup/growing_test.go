package markup_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

func TestGrowing(t *testing.T) {
	t.Parallel()
	const md, plain = channels.FormatMarkdown, channels.FormatPlain
	for _, c := range []struct {
		name      string
		give, out channels.Reply
	}{
		{"open emphasis", channels.Reply{Text: "a **b", Format: md}, channels.Reply{Text: "a <b>b</b>", Format: md}},
		{"no Markdown", channels.Reply{Text: "a **b"}, channels.Reply{Text: "a **b"}},
		{"shows nothing yet", channels.Reply{Text: "**", Format: md}, channels.Reply{Text: "**", Format: plain}},
		{"too long with its tags", channels.Reply{Text: strings.Repeat("*a* ", 5), Format: md}, channels.Reply{Text: strings.Repeat("*a* ", 5), Format: plain}},
	} {
		got := markup.Growing(c.give, markup.Telegram, markup.Limit{Max: 20, Unit: channels.UnitUTF16})
		if diff := cmp.Diff(c.out, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	rendered := markup.Render(markup.Telegram, "**a** & [b\nc](https://x.test/?a=1&b=2) `<d>`")
	if got, want := markup.PlainText(rendered), "a & b c (https://x.test/?a=1&b=2) <d>"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
