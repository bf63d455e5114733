package rasa_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/rasa"
	"github.com/manyvox/manyvox/channels"
)

// largeLine is a reply with a text of that many bytes.
func largeLine(size int) string { return `{"text": "` + strings.Repeat("x", size) + `"}` }

// An answer that does not end is not read for ever, collected or streamed, and what came
// before is shown where it was streamed.
func TestEdge08_12_HugeAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body string
		mode       rasa.Mode
		replies    int
	}{
		{"collected", "[" + largeLine(rasa.MaxBody) + "]", rasa.ModeNever, 0},
		{"streamed, a line", largeLine(1) + "\n" + largeLine(rasa.MaxBody) + "\n", rasa.ModeAlways, 1},
		{"streamed, many lines", strings.Repeat(largeLine(1<<20)+"\n", rasa.MaxBody>>20+1), rasa.ModeAlways, rasa.MaxBody>>20 - 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, rec := &fake{answer: raw("text/plain", c.body)}, &agenttest.Recorder{}
			err := onLoopback(t, f, func(conf *rasa.Config) { conf.Stream = c.mode }).ask(t, rec)
			if !errors.Is(err, channels.ErrAnswerTooLarge) || len(rec.Replies) != c.replies || len(f.seen()) != 1 {
				t.Errorf("error %v, %d replies, %d turns", err, len(rec.Replies), len(f.seen()))
			}
		})
	}
}

// largeTurn is a turn whose reply is held until it is released.
type largeTurn struct {
	held    bool
	release chan struct{}
	err     chan error
}

// Only so many turns hold a large answer at once. The others wait, within their time, and go
// on when a place is free; small answers do not wait.
func TestEdge08_12_LargeAnswersWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sizes := make(chan int, 1)
		b := onPipes(t, serve(t, &fake{answer: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintln(w, largeLine(<-sizes)) // who waits in vain does not read it all
		}}), streaming)
		begin := func(size int) *largeTurn {
			turn := &largeTurn{release: make(chan struct{}), err: make(chan error, 1)}
			sizes <- size
			go func() {
				turn.err <- b.ask(t, &agenttest.Recorder{OnReply: func(channels.Reply) error {
					turn.held = true
					<-turn.release
					return nil
				}})
			}()
			synctest.Wait()
			return turn
		}
		var turns []*largeTurn
		for range rasa.LargeAnswers {
			turns = append(turns, begin(2<<20))
		}
		waiting, small := begin(2<<20), begin(1)
		turns = append(turns, small)
		for i, turn := range turns {
			if !turn.held {
				t.Errorf("turn %d has no place", i)
			}
		}
		if waiting.held {
			t.Error("one turn more than may holds a large answer")
		}
		close(turns[0].release)
		synctest.Wait()
		if !waiting.held {
			t.Error("the turn that waited has no place, though one is free")
		}
		late, began := begin(2<<20), time.Now()
		expect(t, <-late.err, channels.CodeDeadlineExceeded, "agent rasa: the answer took too long")
		if took := time.Since(began); took != rasa.Type().Timeout || late.held {
			t.Errorf("waited for %v, held %v", took, late.held)
		}
		for _, turn := range append(turns[1:], waiting) {
			close(turn.release)
		}
		synctest.Wait()
	})
}
