package echo_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/echo"
	"github.com/manyvox/manyvox/channels"
)

const pause = 50 * time.Millisecond

// open opens the agent with the defaults of its type.
func open(t *testing.T) agents.Agent {
	t.Helper()
	config := echo.Type().New()
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := config.Open(agents.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestContract(t *testing.T) {
	t.Parallel()
	agenttest.Contract(t, open)
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	yesNo := []channels.Button{{Title: "Yes", Payload: "/affirm"}, {Title: "No", Payload: "/deny"}}
	says := func(text string) channels.Reply { return channels.Reply{Text: text} }
	for _, c := range []struct {
		text string
		want channels.Reply
	}{
		{"hi", says("hi")},
		{"", says("")},
		{"say /help", says("say /help")},
		{"/unknown", says("/unknown")},
		{"/helpme", says("/helpme")},
		{"/buttons", channels.Reply{Text: "Do you like it?", Buttons: yesNo}},
		{"/buttons please", channels.Reply{Text: "Do you like it?", Buttons: yesNo}},
		{"/custom", channels.Reply{Custom: json.RawMessage(`{"kind":"weather","celsius":21.5}`)}},
		{"/attachment", channels.Reply{Attachment: json.RawMessage(`{"type":"file","payload":{"src":"https://example.com/terms.pdf"}}`)}},
		{"/elements", channels.Reply{Elements: []channels.Element{
			{Title: "First card", Subtitle: "with buttons", Buttons: yesNo}, {Title: "Second card", Subtitle: "without"},
		}}},
		{"/quick", channels.Reply{Text: "Pick one", QuickReplies: yesNo}},
		{"/paragraphs", says("One.\n\nTwo.\n\nThree.")},
		{"/meta", channels.Reply{Custom: json.RawMessage(`{"n":9007199254740993}`)}},
		{"/stream 0", says("Write /stream and a number from 1 to 1000.")},
		{"/stream 1001", says("Write /stream and a number from 1 to 1000.")},
		{"/stream many", says("Write /stream and a number from 1 to 1000.")},
		{"/slow -1", says("Write /slow and a number from 1 to 600.")},
		{"/slow 601", says("Write /slow and a number from 1 to 600.")},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			var rec agenttest.Recorder
			if err := open(t).Answer(t.Context(), agenttest.Turn("ann", c.text), &rec); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]channels.Reply{c.want}, rec.Replies); diff != "" || rec.Deltas != nil {
				t.Errorf("deltas %q, replies (-want +got):\n%s", rec.Deltas, diff)
			}
		})
	}
}

func TestImage(t *testing.T) {
	t.Parallel()
	var rec agenttest.Recorder
	err := open(t).Answer(t.Context(), agenttest.Turn("ann", "/image"), &rec)
	if err != nil || len(rec.Replies) != 1 || !strings.HasPrefix(rec.Replies[0].Image, "data:image/svg+xml,") {
		t.Errorf("replies %+v, error %v, want an image that needs no network", rec.Replies, err)
	}
}

// TestHelp looks for every command of TestAnswer and the others.
func TestHelp(t *testing.T) {
	t.Parallel()
	var rec agenttest.Recorder
	if err := open(t).Answer(t.Context(), agenttest.Turn("ann", "/help"), &rec); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"/help", "/buttons", "/image", "/custom", "/attachment", "/elements", "/quick", "/paragraphs", "/stream N", "/slow SECONDS", "/error", "/silent", "/meta",
	} {
		if !strings.Contains(rec.Replies[0].Text, "\n"+want+" - ") {
			t.Errorf("%s is not listed in:\n%s", want, rec.Replies[0].Text)
		}
	}
}

func TestSilent(t *testing.T) {
	t.Parallel()
	var rec agenttest.Recorder
	if err := open(t).Answer(t.Context(), agenttest.Turn("ann", "/silent"), &rec); err != nil || rec.Calls != 0 {
		t.Errorf("%d replies, error %v, want none", rec.Calls, err)
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	var rec agenttest.Recorder
	err := open(t).Answer(t.Context(), agenttest.Turn("ann", "/error"), &rec)
	if e := channels.AsError(err); e.Code != channels.CodeAgentFailed || rec.Calls != 0 {
		t.Errorf("%d replies, error %v, want the code agent_failed alone", rec.Calls, err)
	}
}

func TestMetaAbsent(t *testing.T) {
	t.Parallel()
	var rec agenttest.Recorder
	turn := agenttest.Turn("ann", "/meta")
	turn.Message.Metadata = nil
	if err := open(t).Answer(t.Context(), turn, &rec); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"The message had no metadata."}, rec.Texts()); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

// TestStream gives each piece after a pause, and the whole at once with the last.
func TestStream(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text   string
		pieces []string
	}{
		{"/stream 3", []string{"piece 1 ", "piece 2 ", "piece 3 "}},
		{"/stream 1", []string{"piece 1 "}},
		{"/stream", []string{"piece 1 ", "piece 2 ", "piece 3 ", "piece 4 ", "piece 5 "}},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var times []time.Duration
				rec := agenttest.Recorder{OnDelta: func(string) error {
					times = append(times, time.Since(start))
					return nil
				}}
				if err := open(t).Answer(t.Context(), agenttest.Turn("ann", c.text), &rec); err != nil {
					t.Fatal(err)
				}
				want := make([]time.Duration, len(c.pieces))
				for i := range want {
					want[i] = time.Duration(i) * pause
				}
				if diff := cmp.Diff(want, times); diff != "" {
					t.Errorf("times (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.pieces, rec.Deltas); diff != "" {
					t.Errorf("pieces (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{strings.Join(c.pieces, "")}, rec.Texts()); diff != "" {
					t.Errorf("texts (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want time.Duration
		says string
	}{
		{"/slow 7", 7 * time.Second, "That took 7 s."},
		{"/slow", 3 * time.Second, "That took 3 s."},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var rec agenttest.Recorder
				err := open(t).Answer(t.Context(), agenttest.Turn("ann", c.text), &rec)
				if took := time.Since(start); err != nil || took != c.want {
					t.Errorf("error %v after %v, want %v", err, took, c.want)
				}
				if diff := cmp.Diff([]string{c.says}, rec.Texts()); diff != "" {
					t.Errorf("texts (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestEnds has the caller go away while the agent waits.
func TestEnds(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"/stream 1000", "/slow 600"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), pause+pause/2)
				defer cancel()
				start := time.Now()
				var rec agenttest.Recorder
				err := open(t).Answer(ctx, agenttest.Turn("ann", text), &rec)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != pause+pause/2 || rec.Replies != nil {
					t.Errorf("error %v and replies %v after %v", err, rec.Replies, time.Since(start))
				}
			})
		})
	}
}

func TestStreamRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("gone")
		rec := agenttest.Recorder{OnDelta: func(string) error { return gone }}
		if err := open(t).Answer(t.Context(), agenttest.Turn("ann", "/stream"), &rec); !errors.Is(err, gone) || rec.Calls != 1 {
			t.Errorf("error %v after %d calls, want the replier's after 1", err, rec.Calls)
		}
	})
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		pause time.Duration
		ok    bool
	}{
		{"default", pause, true},
		{"none", 0, true},
		{"negative", -1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := (&echo.Config{Pause: c.pause}).Validate(); (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}
