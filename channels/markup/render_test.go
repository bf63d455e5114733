package markup_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/markup"
)

// TestRender has what each markup needs beyond the specification's examples.
func TestRender(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                             string
		text                             string
		plain, slack, telegram, whatsApp string
	}{
		{
			"what is markup to a platform", "a < b & c > d \"e\"",
			"a < b & c > d \"e\"", "a &lt; b &amp; c &gt; d \"e\"", "a &lt; b &amp; c &gt; d \"e\"", "a < b & c > d \"e\"",
		},
		{
			"calls of everyone", "@here @Channel <!everyone> @heretic `@here`",
			"@here @Channel <!everyone> @heretic @here",
			"@\u200bhere @\u200bChannel &lt;!everyone&gt; @heretic `@here`",
			"@here @Channel &lt;!everyone&gt; @heretic <code>@here</code>",
			"@here @Channel <!everyone> @heretic `@here`",
		},
		{
			"mentions", "<@U1> <#C1|x> <https://a.example|b>",
			"<@U1> <#C1|x> https://a.example|b", "&lt;@U1&gt; &lt;#C1|x&gt; <https://a.example%7Cb|https://a.example|b>",
			"&lt;@U1&gt; &lt;#C1|x&gt; <a href=\"https://a.example%7Cb\">https://a.example|b</a>", "<@U1> <#C1|x> https://a.example|b",
		},
		{
			"a link", "[a & *b*](https://x.example/?a=1&b=<2>)",
			"a & b (https://x.example/?a=1&b=%3C2%3E)", "<https://x.example/?a=1&amp;b=%3C2%3E|a &amp; >_<https://x.example/?a=1&amp;b=%3C2%3E|b>_",
			`<a href="https://x.example/?a=1&amp;b=%3C2%3E">a &amp; <i>b</i></a>`, "a & _b_ (https://x.example/?a=1&b=%3C2%3E)",
		},
		{
			"an address with signs", `[a](<https://x.example/?a="1"&b=|>)`,
			"a (https://x.example/?a=%221%22&b=%7C)", "<https://x.example/?a=%221%22&amp;b=%7C|a>",
			`<a href="https://x.example/?a=%221%22&amp;b=%7C">a</a>`, "a (https://x.example/?a=%221%22&b=%7C)",
		},
		{
			"schemes", "[a](javascript:alert(1)) [b](data:text/html,x) [c](/d) [e](tg://user?id=1) [f](tel:+1) [g](HTTPS://x.example) [h](https:x)",
			"a b c e f (tel:+1) g (https://x.example) h", "a b c e <tel:+1|f> <https://x.example|g> h",
			`a b c e <a href="tel:+1">f</a> <a href="https://x.example">g</a> h`, "a b c e f (tel:+1) g (https://x.example) h",
		},
		{
			"a link without a label", "[](https://x.example) ![](https://y.example)",
			"https://x.example https://y.example", "<https://x.example|https://x.example> <https://y.example|https://y.example>",
			`<a href="https://x.example">https://x.example</a> <a href="https://y.example">https://y.example</a>`, "https://x.example https://y.example",
		},
		{
			"code in a link", "[`a`\nb](https://x.example)",
			"a b (https://x.example)", "<https://x.example|a b>", `<a href="https://x.example">a b</a>`, "`a` b (https://x.example)",
		},
		{"a mark within a word", "a**b**c *d*e", "abc de", "abc de", "a<b>b</b>c <i>d</i>e", "abc de"},
		{"a mark around its sign", `**a\*b**`, "a*b", "a*b", "<b>a*b</b>", "a*b"},
		{"a mark over lines", "**a\nb**", "a\nb", "*a*\n*b*", "<b>a\nb</b>", "*a*\n*b*"},
		{"a mark within itself", "**a **b** c** *d _e_*", "a b c d e", "*a b c* _d e_", "<b>a b c</b> <i>d e</i>", "*a b c* _d e_"},
		{"backticks", "``a`b`` \\`\\`\\`", "a`b ```", "a`b `\u200b``", "<code>a`b</code> ```", "a`b `\u200b``"},
		{"a fence within code", "````\n```\na\n````", "```\na", "```\n`\u200b``\na\n```", "<pre>```\na</pre>", "```\n`\u200b``\na\n```"},
		{
			"a language that is none", "```a\"><b\nc\n```", "c", "```\nc\n```", "<pre>c</pre>", "```\nc\n```",
		},
		{
			"a quote in a quote, with code", "> a\n>\n> > b\n>\n> ```\n> c\n> ```",
			"> a\n\n> b\n\nc", "&gt; a\n\n&gt; b\n\n```\nc\n```", "<blockquote>a\n\nb\n\n<pre>c</pre></blockquote>", "> a\n\n> b\n\n```\nc\n```",
		},
		{"two quotes", "> a\n\n<!-- -->\n\n> b", "> a\n\n<!-- -->\n\n> b", "&gt; a\n\n&lt;!-- --&gt;\n\n&gt; b", "<blockquote>a</blockquote>\n\n&lt;!-- --&gt;\n\n<blockquote>b</blockquote>", "> a\n\n<!-- -->\n\n> b"},
		{
			"a list in a list", "7. a\n8. b\n   - c\n\n     d",
			"7. a\n8. b\n   - c\n\n     d", "7. a\n8. b\n   • c\n\n     d", "7. a\n8. b\n   • c\n\n     d", "7. a\n8. b\n   • c\n\n     d",
		},
		{"a line end as an entity", "[a&#10;b](https://x.example)", "a b (https://x.example)", "<https://x.example|a b>", `<a href="https://x.example">a b</a>`, "a b (https://x.example)"},
		{"line ends", "a\r\nb\rc\x00", "a\nb\nc\uFFFD", "a\nb\nc\uFFFD", "a\nb\nc\uFFFD", "a\nb\nc\uFFFD"},
		{"not UTF-8", "a\xffb", "a\uFFFDb", "a\uFFFDb", "a\uFFFDb", "a\uFFFDb"},
		{"what shows nothing", "&nbsp; &#8203;", "", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := map[string]string{"plain": c.plain, "slack": c.slack, "telegram": c.telegram, "whatsapp": c.whatsApp}
			got := map[string]string{}
			for name, s := range syntaxes() {
				got[name] = markup.Render(s, c.text)
				if err := valid(s, got[name]); err != nil {
					t.Errorf("%s: %q: %v", name, got[name], err)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("rendered (-want +got):\n%s", diff)
			}
		})
	}
}
