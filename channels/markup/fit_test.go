package markup_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/channels/markup"
)

func TestFit(t *testing.T) {
	t.Parallel()
	buttons := []channels.Button{{Title: "Yes"}}
	const md = channels.FormatMarkdown
	for _, c := range []struct {
		name  string
		reply channels.Reply
		want  []channels.Reply
	}{
		{"text as it is", channels.Reply{Text: " *a* <b>"}, []channels.Reply{{Text: " *a* <b>"}}},
		{"a long text", channels.Reply{Text: "one two three *four* five"}, []channels.Reply{{Text: "one two three *four*"}, {Text: "five"}}},
		{"Markdown", channels.Reply{Text: "**a** <b>", Format: md}, []channels.Reply{{Text: "*a* &lt;b&gt;", Format: md}}},
		{
			"buttons stay under the last part", channels.Reply{Text: "one two three **four** five", Format: md, Buttons: buttons},
			[]channels.Reply{{Text: "one two three *four*", Format: md}, {Text: "five", Format: md, Buttons: buttons}},
		},
		{"quick replies", channels.Reply{Text: "one two three four five", QuickReplies: buttons}, []channels.Reply{{Text: "one two three four"}, {Text: "five", QuickReplies: buttons}}},
		{"buttons alone", channels.Reply{Text: "[a]: b", Format: md, Buttons: buttons}, []channels.Reply{{Format: md, Buttons: buttons}}},
		{"Markdown that shows nothing", channels.Reply{Text: "[a]: b", Format: md}, nil},
		{"an image", channels.Reply{Image: "i"}, []channels.Reply{{Image: "i"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []channels.Reply
			for _, p := range markup.Fit(channels.Part{Channel: "c", Sender: "ann", Reply: c.reply}, markup.Slack, markup.Limit{Max: 20}) {
				if p.Channel != "c" || p.Sender != "ann" {
					t.Errorf("a part of %s and %s", p.Channel, p.Sender)
				}
				got = append(got, p.Reply)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}

func ExampleFit() {
	// A channel's method Fit, for a platform that takes 4096 characters.
	part := channels.Part{Reply: channels.Reply{Format: channels.FormatMarkdown, Text: "# Hello\n\n[docs](https://example.com) & *more*"}}
	for _, p := range markup.Fit(part, markup.Telegram, markup.Limit{Max: 4096, Unit: channels.UnitRunes}) {
		fmt.Println(p.Reply.Text)
	}
	// Output:
	// <b>Hello</b>
	//
	// <a href="https://example.com">docs</a> &amp; <i>more</i>
}
