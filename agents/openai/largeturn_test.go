package openai_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/openai"
	"github.com/manyvox/manyvox/channels"
)

// TestLarge takes a reply of 16 MiB, however it comes, and nothing larger.
func TestLarge(t *testing.T) {
	t.Parallel()
	const piece = 1 << 20
	inPieces := func(length int) http.HandlerFunc {
		pieces := make([]string, 0, length/piece+1)
		for left := length; left > 0; left -= piece {
			pieces = append(pieces, strings.Repeat("x", min(left, piece)))
		}
		return says(pieces...)
	}
	whole := func(length int) http.HandlerFunc {
		return raw("application/json", `{"choices":[{"message":{"content":"`+strings.Repeat("x", length)+`"},"finish_reason":"stop"}]}`)
	}
	for _, c := range []struct {
		name   string
		answer func(int) http.HandlerFunc
		length int
		ok     bool
	}{
		{"pieces", inPieces, channels.MaxReply, true},
		{"one piece", func(n int) http.HandlerFunc { return says(strings.Repeat("x", n)) }, channels.MaxReply, true},
		{"whole", whole, channels.MaxReply, true},
		{"too many pieces", inPieces, channels.MaxReply + 1, false},
		{"a large piece", func(n int) http.HandlerFunc { return says(strings.Repeat("x", n)) }, channels.MaxReply + 1, false},
		{"too large an event", func(n int) http.HandlerFunc { return says(strings.Repeat("x", n)) }, openai.MaxEvent, false},
		{"large whole", whole, channels.MaxReply + 1, false},
		{"too large whole", whole, openai.MaxEvent, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rec := &agenttest.Recorder{}
			err := onLoopback(t, &fake{answer: c.answer(c.length)}).ask(t, rec)
			switch {
			case c.ok && (err != nil || len(rec.Replies) != 1 || len(rec.Replies[0].Text) != c.length):
				t.Errorf("error %v, %d replies", err, len(rec.Replies))
			case !c.ok && (!errors.Is(err, channels.ErrAnswerTooLarge) || len(rec.Replies) != 0):
				t.Errorf("error %v, %d replies", err, len(rec.Replies))
			}
		})
	}
}

// TestLargeTurns lets so many turns hold a large answer at once. The others wait, within their
// time, and small ones do not.
func TestLargeTurns(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", openai.SmallAnswer+1)
	for name, answer := range map[string]http.HandlerFunc{
		"pieces": says(large[:1000], large[1000:]),
		"whole":  raw("application/json", `{"choices":[{"message":{"content":"`+large+`"}}]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := onPipes(t, serve(t, &fake{answer: answer}))
				shown, release, done := make(chan struct{}, 99), make(chan struct{}), make(chan error)
				turn := func(ctx context.Context) {
					done <- h.agent.Answer(ctx, agenttest.Turn("ann", "hi"), &agenttest.Recorder{OnReply: func(channels.Reply) error {
						shown <- struct{}{}
						<-release
						return nil
					}})
				}
				for range openai.LargeTurns {
					go turn(t.Context())
				}
				synctest.Wait()
				ctx, cancel := context.WithCancel(t.Context())
				go turn(ctx)
				go turn(t.Context())
				synctest.Wait()
				if len(shown) != openai.LargeTurns {
					t.Errorf("%d turns hold a large answer, want %d", len(shown), openai.LargeTurns)
				}
				cancel()
				if err := <-done; !errors.Is(err, context.Canceled) || agents.IsNotReached(err) {
					t.Errorf("error %v of a turn that waited", err)
				}
				close(release)
				for range openai.LargeTurns + 1 {
					if err := <-done; err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}
