package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/metrics"
	"github.com/manyvox/manyvox/service/turn"
)

// act is something an agent does in a turn.
type act func(ctx context.Context, r channels.Replier) error

func delta(text string) act {
	return func(ctx context.Context, r channels.Replier) error { return r.Delta(ctx, text) }
}

func markdownDelta(text string) act {
	return func(ctx context.Context, r channels.Replier) error {
		return channels.DeltaIn(ctx, r, channels.FormatMarkdown, text)
	}
}

func markdown(text string) act {
	return reply(channels.Reply{Text: text, Format: channels.FormatMarkdown})
}

func reply(r channels.Reply) act {
	return func(ctx context.Context, to channels.Replier) error { return to.Reply(ctx, r) }
}

func text(text string) act { return reply(channels.Reply{Text: text}) }

// playing is an agent that does these acts.
func playing(acts []act) agents.Agent {
	return agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		for _, do := range acts {
			if err := do(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// event shows an event as "<kind> <reply id> <content>".
func event(res *manyvoxv1.ReceiveStreamResponse) string {
	if res.GetStarted() != nil {
		return "started"
	}
	if d := res.GetDelta(); d != nil {
		return "delta " + d.GetReplyId() + " " + d.GetFormat() + d.GetText()
	}
	r := res.GetReply().GetReply()
	content := r.GetFormat() + r.GetText() + r.GetImage() + r.GetCustomJson()
	for _, b := range r.GetButtons() {
		content += " [" + b.GetTitle() + "]"
	}
	return "reply " + res.GetReply().GetReplyId() + " " + content
}

func TestStreamNumbersReplies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		whole bool // split_paragraphs: false
		cut   bool // split_paragraphs: true, which cuts Markdown too
		acts  []act
		want  string
	}{
		{
			name: "replies",
			acts: []act{text("a"), text("b")},
			want: "reply 1 a; reply 2 b",
		},
		{
			name: "a reply of several kinds",
			acts: []act{reply(channels.Reply{Text: "a", Image: "i.png", Custom: json.RawMessage(`{"x":1}`)}), text("b")},
			want: `reply 1 a; reply 2 {"x":1}; reply 3 i.png; reply 4 b`,
		},
		{
			name: "cards",
			acts: []act{reply(channels.Reply{Elements: []channels.Element{{Title: "A"}, {Title: "B"}}}), text("c")},
			want: "reply 1 A : ; reply 2 B : ; reply 3 c",
		},
		{
			name: "a text in pieces",
			acts: []act{delta("Hel"), delta("lo"), text("Hello")},
			want: "delta 1 Hel; delta 1 lo; reply 1 Hello",
		},
		{
			name: "paragraphs in pieces",
			acts: []act{delta("a\n"), delta("\nb"), delta("\n\nc\n\n"), text("a\n\nb\n\nc\n\n")},
			want: "delta 1 a; delta 2 b; delta 3 c; reply 1 a; reply 2 b; reply 3 c",
		},
		{
			name: "a code fence in pieces",
			acts: []act{delta("```\na\n"), delta("\nb\n``"), delta("`\n\nc"), text("```\na\n\nb\n```\n\nc")},
			want: "delta 1 ```\na; delta 1 \n\nb\n``; delta 1 `; delta 2 c; reply 1 ```\na\n\nb\n```; reply 2 c",
		},
		{
			name: "Markdown stays whole",
			acts: []act{markdownDelta("a\n"), markdownDelta("\nb"), markdown("a\n\nb"), text("c\n\nd")},
			want: "delta 1 markdowna\n; delta 1 markdown\nb; reply 1 markdowna\n\nb; reply 2 c; reply 3 d",
		},
		{
			name: "Markdown is cut when it is asked for", cut: true,
			acts: []act{markdownDelta("a\n"), markdownDelta("\nb"), markdown("a\n\nb")},
			want: "delta 1 markdowna; delta 2 markdownb; reply 1 markdowna; reply 2 markdownb",
		},
		{
			name: "paragraphs left together", whole: true,
			acts: []act{delta("a\n"), delta("\nb"), text("a\n\nb")},
			want: "delta 1 a\n; delta 1 \nb; reply 1 a\n\nb",
		},
		{
			name: "several texts",
			acts: []act{delta("a\n\nb"), text("a\n\nb"), text("between"), delta("c"), text("c")},
			want: "delta 1 a; delta 2 b; reply 1 a; reply 2 b; reply 3 between; delta 4 c; reply 4 c",
		},
		{
			name: "the reply is shorter than its pieces, then pieces",
			acts: []act{delta("a\n\nb\n\nc"), text("a"), delta("d"), text("d")},
			want: "delta 1 a; delta 2 b; delta 3 c; reply 1 a; delta 4 d; reply 4 d",
		},
		{
			name: "the reply is shorter than its pieces, then a reply",
			acts: []act{delta("a\n\nb\n\nc"), text("a"), text("d")},
			want: "delta 1 a; delta 2 b; delta 3 c; reply 1 a; reply 4 d",
		},
		{
			name: "the reply is longer than its pieces",
			acts: []act{delta("a"), text("a\n\nb\n\nc"), delta("d"), text("d")},
			want: "delta 1 a; reply 1 a; reply 2 b; reply 3 c; delta 4 d; reply 4 d",
		},
		{
			name: "buttons complete a text",
			acts: []act{delta("Well?\n\nYes?"), reply(channels.Reply{Text: "Well?\n\nYes?", Buttons: []channels.Button{{Title: "Yes"}}})},
			want: "delta 1 Well?; delta 2 Yes?; reply 1 Well?\n\nYes? [Yes]",
		},
		{
			name: "pieces that no reply completes",
			acts: []act{text("a"), delta("b\n"), delta("\nc ")},
			want: "reply 1 a; delta 2 b; delta 3 c; reply 2 b; reply 3 c",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			send := func(res *manyvoxv1.ReceiveStreamResponse) error { got = append(got, event(res)); return nil }
			in := instance.New(instance.Config{Name: "rest", SplitParagraphs: !c.whole, SplitMarkdown: c.cut, Channel: channels.Webhook{}}, metrics.New(metrics.Sources{}))
			j := memory.Open()
			x := turn.New(turn.Config{
				Base: t.Context(), Agent: playing(c.acts), AgentOptions: turn.AgentOptions{AgentTimeout: time.Hour}, ResponseTimeout: time.Hour,
				Locks: j, Events: j, Log: slog.New(slog.DiscardHandler),
			})
			defer x.Close(t.Context())
			replier := newStreamReplier("m1", send, in.Splits)
			if err := x.Ask(t.Context(), in, &channels.Message{Sender: "ann"}, replier); err != nil {
				t.Fatal(err)
			}
			replier.finish(nil)
			if diff := cmp.Diff(strings.TrimSuffix("started; "+c.want, "; "), strings.Join(got, "; ")); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStreamEndsWithTheStream(t *testing.T) {
	t.Parallel()
	gone := errors.New("the stream is reset")
	s := newStreamReplier("m1", func(*manyvoxv1.ReceiveStreamResponse) error { return gone }, nil)
	defer s.finish(gone)
	if err := s.Delta(t.Context(), "a"); !errors.Is(err, gone) {
		t.Errorf("Delta: %v", err)
	}
	if err := s.Reply(t.Context(), channels.Reply{Text: "a"}); !errors.Is(err, gone) {
		t.Errorf("Reply: %v", err)
	}
}
