package delivery_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// Whatever fails, in whatever order: what the agent says is shown once, in order, whole.
func TestGrowsAtRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { growAtRandom(t, rand.New(rand.NewPCG(seed, 0))) })
		})
	}
}

func growAtRandom(t *testing.T, r *rand.Rand) {
	classes := []channels.SendClass{channels.SendUnavailable, channels.SendUnknown, channels.SendThrottled}
	var mu sync.Mutex
	p := &servicetest.StreamPlatform{Limits: channels.Limits{
		Key: channels.Rate{Count: 1 + r.IntN(5), Per: time.Second}, Concurrent: 1 + r.IntN(3),
		Live: channels.LiveLimits{Max: r.IntN(2) * (10 + r.IntN(10)), For: time.Duration(r.IntN(2)) * 7 * time.Second},
	}}
	if r.IntN(2) == 0 {
		p.Limits.Edit = channels.Rate{Count: 1, Per: time.Duration(1+r.IntN(3)) * time.Second}
	}
	p.OnCall = func(ctx context.Context, c servicetest.LiveCall) error {
		mu.Lock()
		fails, lost, slow, class := r.IntN(6) == 0, r.IntN(2) == 0, r.IntN(4) == 0, classes[r.IntN(len(classes))]
		mu.Unlock()
		if slow {
			time.Sleep(700 * time.Millisecond)
		}
		switch {
		case !fails:
			return nil
		case lost && class == channels.SendUnknown && c.Call != "open": // an open that is lost is posted again
			return taken(class)
		}
		return servicetest.SendFailure(class)
	}
	script, want := randomText(r)
	s := servicetest.NewStreamHarness(t, p, service.Config{
		Channels: servicetest.Channels(t, "chat: {type: platform, split_paragraphs: "+fmt.Sprint(r.IntN(2) == 0)+"}\n", p.Type()),
		Agent:    &servicetest.ScriptedAgent{Script: script},
	})
	s.Post(t, "chat", "ann", "zero", "one", "two")
	servicetest.Advance(time.Hour)
	want = append(append([]string{"zero"}, want...), "two")
	if got := strings.Fields(strings.Join(p.Shown("chat", "ann"), " ")); !cmp.Equal(want, got) {
		t.Errorf("shown (-want +got):\n%s\n%+v", cmp.Diff(want, got), p.Live(""))
	}
	if p.Most() > p.Limits.Concurrent {
		t.Errorf("%d calls at once, want %d", p.Most(), p.Limits.Concurrent)
	}
}

// randomText returns a script that says words in pieces, some with a reply after them, and
// the words.
func randomText(r *rand.Rand) (servicetest.Script, []string) {
	var words []string
	var acts []func(context.Context, channels.Replier) error
	for range 1 + r.IntN(3) { // texts
		text := ""
		for i := range 1 + r.IntN(12) {
			word := fmt.Sprint("w", len(words))
			words = append(words, word)
			if i > 0 {
				word = []string{" ", " ", "\n", "\n\n"}[r.IntN(4)] + word
			}
			text += word
		}
		for piece := range split3(text, r) {
			pause := time.Duration(r.IntN(1500)) * time.Millisecond
			acts = append(acts, func(ctx context.Context, to channels.Replier) error {
				time.Sleep(pause)
				return to.Delta(ctx, piece)
			})
		}
		acts = append(acts, func(ctx context.Context, to channels.Replier) error {
			return to.Reply(ctx, channels.Reply{Text: text})
		})
	}
	return func(ctx context.Context, _ agents.Turn, to channels.Replier, _ int) error {
		for _, act := range acts {
			if err := act(ctx, to); err != nil {
				return err
			}
		}
		return nil
	}, words
}

// split3 cuts a text into pieces of random length.
func split3(text string, r *rand.Rand) func(func(string) bool) {
	return func(yield func(string) bool) {
		for text != "" {
			n := min(len(text), 1+r.IntN(6))
			if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
	}
}
