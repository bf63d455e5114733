package telegram_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

func fit(c channel, r channels.Reply) []channels.Part {
	return c.Fit(channels.Part{Channel: "telegram", Sender: "4201", Reply: r})
}

func TestFitCuts(t *testing.T) {
	t.Parallel()
	c := open(t, polling)
	for name, text := range map[string]string{
		"letters": strings.Repeat("word ", 2000), "emoji": strings.Repeat("😀", 5000),
		"code": "```go\n" + strings.Repeat("x := 1\n", 1200) + "```", "bold": "**" + strings.Repeat("bold ", 2000) + "**",
	} {
		for _, format := range []channels.Format{channels.FormatPlain, channels.FormatMarkdown} {
			var all string
			parts := fit(c, channels.Reply{Text: text, Format: format})
			for _, p := range parts {
				if n := channels.UnitUTF16.Len(p.Reply.Text); n > 4096 {
					t.Errorf("%s: a part of %d", name, n)
				}
				all += p.Reply.Text
			}
			if len(parts) < 2 || format == channels.FormatPlain && strings.ReplaceAll(all, " ", "") != strings.ReplaceAll(text, " ", "") && name != "code" {
				t.Errorf("%s: %d parts", name, len(parts))
			}
		}
	}
}

func TestFitChoices(t *testing.T) {
	t.Parallel()
	c := open(t, polling)
	long := strings.Repeat("x", 65)
	buttons := []channels.Button{{Title: "Yes", Payload: "/yes"}, {Title: "Long", Payload: long}}
	want := []channels.Choice{
		{Key: channels.ChoiceKey("/yes"), Title: "Yes", Payload: "/yes"}, {Key: channels.ChoiceKey(long), Title: "Long", Payload: long},
	}
	for _, x := range []struct {
		name  string
		reply channels.Reply
		want  []channels.Choice
	}{
		{"a long payload", channels.Reply{Text: "?", Buttons: buttons}, want},
		{"short ones bring themselves back", channels.Reply{Text: "?", Buttons: buttons[:1]}, nil},
		{"a keyboard sends titles", channels.Reply{Text: "?", Buttons: buttons[:1], Extra: extra("button_type", `"reply"`)}, want[:1]},
	} {
		parts := fit(c, x.reply)
		if diff := cmp.Diff(x.want, parts[len(parts)-1].Choices); diff != "" {
			t.Errorf("%s: -want +got:\n%s", x.name, diff)
		}
		if diff := cmp.Diff(parts[0], c.Fit(parts[0])[0]); diff != "" {
			t.Errorf("%s: fitted again: %s", x.name, diff)
		}
	}
	parts := fit(c, channels.Reply{Text: strings.Repeat("word ", 1000), Buttons: buttons})
	if len(parts) != 2 || parts[0].Choices != nil || parts[0].Reply.Buttons != nil || len(parts[1].Choices) != 2 {
		t.Errorf("the choices are not below the last part: %+v", parts)
	}
}

// TestFitManyButtons lists what Telegram would not show.
func TestFitManyButtons(t *testing.T) {
	t.Parallel()
	var buttons []channels.Button
	for i := range 101 {
		buttons = append(buttons, channels.Button{Title: fmt.Sprint("Title ", i), Payload: fmt.Sprint("/", i)})
	}
	parts := fit(open(t, polling), channels.Reply{Text: "?", Buttons: buttons})
	if len(parts) != 1 || parts[0].Reply.Buttons != nil || len(parts[0].Choices) != 101 || !strings.HasSuffix(parts[0].Reply.Text, "\n101. Title 100") {
		t.Errorf("%+v", parts)
	}
	rows := fit(open(t, polling), channels.Reply{Text: "?", Buttons: buttons[:20]})
	channel, s := onFake(t, polling)
	if _, err := deliver(t, channel, "4201", rows[0].Reply); err != nil {
		t.Fatal(err)
	}
	last := s.Chat(4201).Messages[1]
	if len(last.Buttons) != 3 || len(last.Buttons[0]) != 8 || len(last.Buttons[2]) != 4 {
		t.Errorf("rows %v", last.Buttons)
	}
}
