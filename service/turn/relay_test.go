package turn

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// recorder is a caller's Replier; from the call of number failAt on, unless that is 0,
// it fails with err.
type recorder struct {
	calls  []string
	failAt int
	err    error
}

// act is something an agent does in a turn.
type act func(ctx context.Context, r channels.Replier) error

func delta(text string) act {
	return func(ctx context.Context, r channels.Replier) error { return r.Delta(ctx, text) }
}

func deltaIn(f channels.Format, text string) act {
	return func(ctx context.Context, r channels.Replier) error { return channels.DeltaIn(ctx, r, f, text) }
}

func reply(r channels.Reply) act {
	return func(ctx context.Context, to channels.Replier) error { return to.Reply(ctx, r) }
}

// custom gives a JSON string of that many bytes.
func custom(size int) act {
	return reply(channels.Reply{Custom: []byte(`"` + strings.Repeat("x", size-2) + `"`)})
}

func text(text string) act { return reply(channels.Reply{Text: text}) }

var errGone = errors.New("the caller is gone")

func (r *recorder) take(call string) error {
	r.calls = append(r.calls, call)
	if r.failAt > 0 && len(r.calls) >= r.failAt {
		return r.err
	}
	return nil
}

func (r *recorder) Reply(_ context.Context, reply channels.Reply) error {
	return r.take(reply.RecipientID + ": " + string(reply.Format) + reply.Text + reply.Image)
}

func (r *recorder) DeltaIn(_ context.Context, f channels.Format, text string) error {
	return r.take("… " + string(f) + text)
}

func (r *recorder) Delta(_ context.Context, text string) error { return r.take("… " + text) }

func TestRelayHandsOnReplies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		failAt int
		acts   []act // whose errors the agent ignores
		want   []string
		shown  int
		err    error
	}{
		{
			name: "parts, each to the sender",
			acts: []act{reply(channels.Reply{RecipientID: "someone", Text: "a\n\nb", Image: "i.png"})},
			want: []string{"ann: a", "ann: b", "ann: i.png"}, shown: 3,
		},
		{
			name: "a text in pieces, completed",
			acts: []act{delta("a"), delta(""), delta("b"), text("ab")},
			want: []string{"… a", "… b", "ann: ab"}, shown: 1,
		},
		{
			name: "a text in pieces, not completed",
			acts: []act{delta("a\n\n"), delta("b")},
			want: []string{"… a\n\n", "… b", "ann: a", "ann: b"}, shown: 2,
		},
		{
			name: "a text in pieces, completed by a reply without a text",
			acts: []act{deltaIn(channels.FormatMarkdown, "a"), reply(channels.Reply{Image: "i.png"}), text("b")},
			want: []string{"… markdowna", "ann: markdowna", "ann: i.png", "ann: b"}, shown: 3,
		},
		{
			name: "Markdown, which is not cut",
			acts: []act{reply(channels.Reply{Text: "a\n\nb", Format: channels.FormatMarkdown})},
			want: []string{"ann: markdowna\n\nb"}, shown: 1,
		},
		{
			name: "Markdown in pieces, not completed; the first piece decides",
			acts: []act{deltaIn(channels.FormatMarkdown, "a\n\n"), delta("b")},
			want: []string{"… markdowna\n\n", "… markdownb", "ann: markdowna\n\nb"}, shown: 1,
		},
		{
			name: "a format that there is not",
			acts: []act{deltaIn("html", "a"), reply(channels.Reply{Text: "b", Format: "html"}), text("c")},
			want: []string{"ann: c"}, shown: 1,
		},
		{
			name: "nothing after a reply failed, even to an agent that ignores the error", failAt: 2,
			acts: []act{text("a"), text("b\n\nc"), text("d"), delta("e")},
			want: []string{"ann: a", "ann: b"}, shown: 1, err: errGone,
		},
		{
			name: "nothing after a piece failed", failAt: 1,
			acts: []act{delta("a"), delta("b"), text("ab")},
			want: []string{"… a"}, err: errGone,
		},
		{
			name: "nothing after a reply that is too large, even to an agent that ignores the error",
			acts: []act{text("a"), reply(channels.Reply{Image: strings.Repeat("x", channels.MaxReply+1)}), text("b")},
			want: []string{"ann: a"}, shown: 1, err: channels.ErrAnswerTooLarge,
		},
		{
			name: "nothing after replies that are too large together",
			acts: []act{custom(channels.MaxReply), custom(channels.MaxReply), text("b")},
			want: []string{"ann: ", "ann: "}, shown: 2, err: channels.ErrAnswerTooLarge,
		},
		{
			name: "nothing after pieces that are too large together",
			acts: []act{delta("a"), delta(strings.Repeat("x", channels.MaxReply)), delta("b")},
			want: []string{"… a"}, err: channels.ErrAnswerTooLarge,
		},
		{
			name: "what has no JSON form is refused, the rest is not",
			acts: []act{reply(channels.Reply{Custom: []byte("{")}), text("b")},
			want: []string{"ann: b"}, shown: 1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			caller := &recorder{failAt: c.failAt, err: errGone}
			turn := &relay{m: &channels.Message{Sender: "ann"}, to: caller, in: &instance.Instance{Config: instance.Config{SplitParagraphs: true}}}
			for _, do := range c.acts {
				_ = do(t.Context(), turn)
			}
			if err := turn.finish(t.Context()); !errors.Is(err, c.err) {
				t.Errorf("the turn ends with %v, want %v", err, c.err)
			}
			if diff := cmp.Diff(c.want, caller.calls); diff != "" || turn.shown != c.shown {
				t.Errorf("%d shown, want %d; calls (-want +got):\n%s", turn.shown, c.shown, diff)
			}
		})
	}
}

func TestRelayIsOver(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		name   string
		ctx    context.Context
		closed bool
		want   error
	}{
		{"once it is closed", t.Context(), true, errOver},
		{"once its ctx has ended", ended, false, context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			caller := &recorder{}
			turn := &relay{m: &channels.Message{Sender: "ann"}, to: caller}
			if c.closed {
				turn.close()
			}
			if err := turn.Reply(c.ctx, channels.Reply{Text: "a"}); !errors.Is(err, c.want) {
				t.Errorf("Reply: %v, want %v", err, c.want)
			}
			if err := turn.Delta(c.ctx, "a"); !errors.Is(err, c.want) {
				t.Errorf("Delta: %v, want %v", err, c.want)
			}
			if len(caller.calls) > 0 {
				t.Errorf("the caller saw %q", caller.calls)
			}
		})
	}
}
