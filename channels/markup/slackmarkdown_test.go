package markup_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/channels/markup"
)

func TestSafeMarkdown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"**a** < b":                           "**a** < b",
		"<!channel> <@U1> <#C1> <https://x>":  "<\u200b!channel> <\u200b@U1> <\u200b#C1> <https://x>",
		"@here, @Channel (@everyone) @claude": "@\u200bhere, @\u200bChannel (@\u200beveryone) @\u200bclaude",
		"ina@here.test ü@channel 5@everyone":  "ina@here.test ü@channel 5@everyone",
		"a.@here":                             "a.@here",
		"":                                    "",
	} {
		if got := markup.SafeMarkdown(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzSafeMarkdown cuts a text anywhere: what is shown of its beginning stays as it is, nothing of
// it is lost, and nothing in it calls anybody.
func FuzzSafeMarkdown(f *testing.F) {
	f.Add("<!channel> and @here", 1)
	f.Add("a <", 3)
	f.Add("\xff<\xff!", 2)
	f.Fuzz(func(t *testing.T, text string, at int) {
		text = strings.ToValidUTF8(text, "")
		whole := markup.SafeMarkdown(text)
		runes := []rune(text)
		if at < 0 || at > len(runes) {
			at = len(runes)
		}
		if begun := markup.SafeMarkdown(string(runes[:at])); !strings.HasPrefix(whole, begun) {
			t.Errorf("%q becomes %q, and its beginning %q", text, whole, begun)
		}
		if strings.ReplaceAll(whole, "\u200b", "") != strings.ReplaceAll(text, "\u200b", "") {
			t.Errorf("%q becomes %q", text, whole)
		}
		for _, call := range []string{"<!", "<@", "<#"} {
			if strings.Contains(whole, call) {
				t.Errorf("%q has %q", whole, call)
			}
		}
	})
}
