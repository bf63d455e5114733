package channeltest_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

// fitsBy replaces how texts are fitted: buttons stay under the last part.
func fitsBy(fit func(channels.Part) []string) func(*messenger) {
	return func(m *messenger) {
		m.fit = func(p channels.Part) (parts []channels.Part) {
			for _, text := range fit(p) {
				part := p
				part.Reply.Text = text
				parts = append(parts, part)
			}
			return parts
		}
	}
}

// cutEvery cuts a text after so many bytes, wherever that is.
func cutEvery(text string, n int) (parts []string) {
	for len(text) > n {
		parts, text = append(parts, strings.ToValidUTF8(text[:n], "")), text[n:]
	}
	return append(parts, text)
}

// cutAfter cuts a text behind the last of some words that fits.
func cutAfter(text, end string, n int) (parts []string) {
	for len(text) > n {
		at := strings.LastIndex(text[:n], end)
		if at < 0 {
			return append(parts, cutEvery(text, n)...)
		}
		parts, text = append(parts, text[:at+len(end)]), strings.TrimLeft(text[at+len(end):], " \n")
	}
	return append(parts, text)
}

// texts are the parts of a Fit that does nothing wrong.
func texts(p channels.Part) (list []string) {
	for _, part := range fitMessenger(p) {
		list = append(list, part.Reply.Text)
	}
	return list
}

func TestContractFindsTextsCutWrong(t *testing.T) {
	t.Parallel()
	const another = "what arrived, put together, is another text"
	testFaults(t, cuts, map[string]fault{
		"not cut":             {fitsBy(func(p channels.Part) []string { return []string{p.Reply.Text} }), "where the platform takes 600"},
		"cut off":             {fitsBy(func(p channels.Part) []string { return texts(p)[:1] }), another},
		"said twice":          {fitsBy(func(p channels.Part) []string { return append(texts(p), "again") }), "more arrived than was sent"},
		"within words":        {fitsBy(func(p channels.Part) []string { return cutEvery(p.Reply.Text, maxText) }), "a text of words"},
		"not at sentences":    {fitsBy(func(p channels.Part) []string { return cutAfter(p.Reply.Text, " ", maxText) }), "a text of sentences"},
		"not at paragraphs":   {fitsBy(func(p channels.Part) []string { return cutAfter(p.Reply.Text, ". ", maxText) }), "a text of paragraphs"},
		"in many small parts": {fitsBy(func(p channels.Part) []string { return cutAfter(p.Reply.Text, " ", 100) }), "would do"},
		"by characters": {func(m *messenger) {
			m.fit = func(p channels.Part) []channels.Part { return fitText(p, channels.UnitRunes) }
		}, "a text of emoji: a text of 1"},
		"by bytes": {func(m *messenger) {
			m.fit = func(p channels.Part) []channels.Part { return fitText(p, channels.UnitBytes) }
		}, "it counts in another unit"},
		"within a grapheme": {fitsBy(func(p channels.Part) []string {
			if p.Reply.Format == channels.FormatPlain && !strings.Contains(p.Reply.Text, " ") {
				p.Reply.Text = strings.ReplaceAll(p.Reply.Text, "\u200d", "\u200d ") // at which it is cut
				list := cutAfter(p.Reply.Text, " ", maxText)
				for i := range list {
					list[i] = strings.ReplaceAll(list[i], " ", "")
				}
				return list
			}
			return texts(p)
		}), "an emoji of several"},
		"within a code block": {fitsBy(func(p channels.Part) []string {
			if p.Reply.Format == channels.FormatMarkdown {
				return cutAfter(markup.Render(markup.Telegram, p.Reply.Text), "\n", maxText)
			}
			return texts(p)
		}), "within a code block"},
		"a code block that ends": {fitsBy(func(p channels.Part) []string {
			list := texts(p)
			for i, text := range list {
				if i > 0 {
					list[i] = strings.NewReplacer("<pre>", "", "</pre>", "").Replace(text)
				}
			}
			return list
		}), "a code block: " + another},
	})
}
