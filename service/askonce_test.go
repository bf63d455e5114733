package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// script plays the nth turn, counted from 1.
type script func(ctx context.Context, n int, r channels.Replier) error

// theatre is an agent that plays a script and counts.
type theatre struct {
	script script
	mu     sync.Mutex
	turns  int
}

func (a *theatre) Answer(ctx context.Context, _ agents.Turn, r channels.Replier) error {
	a.mu.Lock()
	a.turns++
	n := a.turns
	a.mu.Unlock()
	return a.script(ctx, n, r)
}

func (a *theatre) played() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.turns
}

func text(ctx context.Context, r channels.Replier, texts ...string) error {
	for _, t := range texts {
		if err := r.Reply(ctx, channels.Reply{Text: t}); err != nil {
			return err
		}
	}
	return nil
}

// later says two texts, a minute apart.
func later(ctx context.Context, _ int, r channels.Replier) error {
	if err := text(ctx, r, "one"); err != nil {
		return err
	}
	select {
	case <-time.After(time.Minute):
		return text(ctx, r, "two")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// once is what a caller asks who gives the message an id.
func once(text string) question { return question{sender: "ann", text: text, id: "m1"} }

// eachRoute runs a test in a bubble, once for each way in.
func eachRoute(t *testing.T, test func(t *testing.T, r route)) {
	for _, r := range routes() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, r) })
		})
	}
}

func theatreHouse(t *testing.T, s script) (*house, *theatre) {
	a := &theatre{script: s}
	return bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: a}, patience), a
}

// gets checks what a caller got; only code and texts count.
func gets(t *testing.T, who string, got outcome, code string, texts ...string) {
	t.Helper()
	if got.err != nil || got.code != code || !slices.Equal(got.texts, texts) {
		t.Errorf("%s got %q, code %q, %v; want %q, code %q", who, got.texts, got.code, got.err, texts, code)
	}
}

func TestAskOnceJoinsARunningTurn(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, r route) {
		h, a := theatreHouse(t, later)
		first := asks(t.Context(), h, r, once("hi"))
		pass(time.Second)
		var others []<-chan outcome
		for _, way := range routes() {
			others = append(others, asks(t.Context(), h, way, once("hi")))
		}
		gets(t, "the first", <-first, "", "one", "two")
		for i, way := range routes() {
			gets(t, way.name, <-others[i], "", "one", "two")
		}
		if n := a.played(); n != 1 {
			t.Errorf("%d turns", n)
		}
	})
}

func TestAskOnceReplaysAFinishedTurn(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, r route) {
		h, a := theatreHouse(t, later)
		gets(t, "the first", <-asks(t.Context(), h, r, once("hi")), "", "one", "two")
		pass(47 * time.Hour)
		for _, way := range routes() {
			began := time.Now()
			gets(t, way.name, <-asks(t.Context(), h, way, once("hi")), "", "one", "two")
			if took := time.Since(began); took > 0 {
				t.Errorf("%s waited %v", way.name, took)
			}
		}
		gets(t, "another sender", <-asks(t.Context(), h, r, question{sender: "bob", text: "hi", id: "m1"}), "", "one", "two")
		pass(2 * time.Hour)
		gets(t, "after the window", <-asks(t.Context(), h, r, once("hi")), "", "one", "two")
		if n := a.played(); n != 3 {
			t.Errorf("%d turns, want 3", n)
		}
	})
}

func TestAskOnceRunsAFailedTurnAgain(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, r route) {
		h, a := theatreHouse(t, func(ctx context.Context, n int, r channels.Replier) error {
			if n < 3 {
				return channels.Errorf(channels.CodeAgentFailed, "no")
			}
			return text(ctx, r, "at last")
		})
		failed := "unknown"
		if strings.HasPrefix(r.name, "legacy") {
			failed = "agent_failed"
		}
		gets(t, "the first", <-asks(t.Context(), h, r, once("hi")), failed)
		gets(t, "the second", <-asks(t.Context(), h, r, once("hi")), failed)
		gets(t, "with another text", <-asks(t.Context(), h, r, once("ho")), "already_exists")
		gets(t, "the third", <-asks(t.Context(), h, r, once("hi")), "", "at last")
		gets(t, "the fourth", <-asks(t.Context(), h, r, once("hi")), "", "at last")
		if n := a.played(); n != 3 {
			t.Errorf("%d turns, want 3", n)
		}
	})
}

func TestAskOnceAbortsAnInterruptedTurn(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]struct {
		play  script
		texts []string
	}{
		"after replies": {func(ctx context.Context, _ int, r channels.Replier) error {
			return errors.Join(text(ctx, r, "one", "two"), errors.New("no"))
		}, []string{"one", "two"}},
		"after a piece of text": {func(ctx context.Context, _ int, r channels.Replier) error {
			return errors.Join(r.Delta(ctx, "o"), errors.New("no"))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachRoute(t, func(t *testing.T, r route) {
				h, a := theatreHouse(t, begin.play)
				if got := <-asks(t.Context(), h, r, once("hi")); got.err != nil || got.code == "" || got.code == "aborted" {
					t.Errorf("the first got %+v", got)
				}
				for _, way := range routes() {
					gets(t, way.name, <-asks(t.Context(), h, way, once("hi")), "aborted", begin.texts...)
				}
				if n := a.played(); n != 1 {
					t.Errorf("%d turns", n)
				}
			})
		})
	}
}

func TestAskOnceRefusesAnotherBody(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, r route) {
		h, a := theatreHouse(t, later)
		first := asks(t.Context(), h, r, once("hi"))
		pass(time.Second)
		gets(t, "while it runs", <-asks(t.Context(), h, r, once("ho")), "already_exists")
		gets(t, "the first", <-first, "", "one", "two")
		gets(t, "when it is done", <-asks(t.Context(), h, r, once("ho")), "already_exists")
		if n := a.played(); n != 1 {
			t.Errorf("%d turns", n)
		}
	})
}

// A caller that goes away ends its turn, unless its message has an id.
func TestAskOnceOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id    string
		turns int
	}{"with an id": {"m1", 1}, "without": {"", 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachRoute(t, func(t *testing.T, r route) {
				h, a := theatreHouse(t, later)
				ctx, hangUp := context.WithCancel(t.Context())
				gone := asks(ctx, h, r, question{sender: "ann", text: "hi", id: c.id})
				pass(time.Second)
				hangUp()
				<-gone
				pass(time.Second)
				gets(t, "who comes back", <-asks(t.Context(), h, r, question{sender: "ann", text: "hi", id: c.id}), "", "one", "two")
				if n := a.played(); n != c.turns {
					t.Errorf("%d turns, want %d", n, c.turns)
				}
			})
		})
	}
}

// A caller that waited long enough is told so, and finds the answer later.
func TestAskOnceAfterTheResponseTimeout(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, r route) {
		a := &theatre{script: later}
		h := bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: a, ResponseTimeout: 10 * time.Second}, patience)
		gets(t, "who waits", <-asks(t.Context(), h, r, once("hi")), "deadline_exceeded", "one")
		pass(time.Minute)
		gets(t, "who comes back", <-asks(t.Context(), h, r, once("hi")), "", "one", "two")
		if n := a.played(); n != 1 {
			t.Errorf("%d turns", n)
		}
	})
}

// A turn with an id takes its place in the line, and is finished at shutdown although
// nobody waits for it any more.
func TestAskOnceInLineAndAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.Open()
		a := &theatre{script: later}
		h := bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: a, Journal: keptOpen{store}}, time.Hour)
		first := asks(t.Context(), h, routes()[0], question{sender: "ann", text: "first"})
		ctx, hangUp := context.WithCancel(t.Context())
		second := asks(ctx, h, routes()[0], once("hi"))
		hangUp()
		<-second
		h.close()
		gets(t, "the first", <-first, "", "one", "two")
		if err := <-h.served; err != nil {
			t.Error(err)
		}
		known, err := store.Recall(t.Context(), journal.Key{Channel: "rest", Sender: "ann", ID: "m1"})
		if err != nil || known == nil || known.State != journal.StateDone || len(known.Replies) != 2 {
			t.Errorf("known %+v, %v", known, err)
		}
	})
}

// What is not recorded is not shown.
func TestAskOnceWithAFailingJournal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		begin  bool
		settle int // the call that fails, from 1
		texts  []string
		turns  int
		again  string // the code of a repeat
	}{
		"the id":         {begin: true, again: ""},
		"a reply":        {settle: 1, turns: 1, again: ""},
		"a second reply": {settle: 2, texts: []string{"one"}, turns: 1, again: "aborted"},
		"the end":        {settle: 3, texts: []string{"one", "two"}, turns: 1, again: ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachRoute(t, func(t *testing.T, r route) {
				a := &theatre{script: func(ctx context.Context, _ int, r channels.Replier) error {
					err := text(ctx, r, "one")
					time.Sleep(aside)
					err = errors.Join(err, text(ctx, r, "two"))
					time.Sleep(aside)
					return err
				}}
				f, calls := newFaulty(), 0
				f.begin = func() error { return fault(c.begin) }
				f.settleAsk = func() error { calls++; return fault(calls == c.settle) }
				h := bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: a, Journal: f}, patience)
				code := "unavailable"
				if name == "the end" { // is settled in a second attempt
					code = ""
				}
				gets(t, "the first", <-asks(t.Context(), h, r, once("hi")), code, c.texts...)
				if n := a.played(); n != c.turns {
					t.Errorf("%d turns, want %d", n, c.turns)
				}
				f.fail(func() { f.begin = nil })
				got := <-asks(t.Context(), h, r, once("hi"))
				if diff := cmp.Diff(c.again, got.code); diff != "" || got.err != nil {
					t.Errorf("a repeat got %+v", got)
				}
			})
		})
	}
}

func fault(fails bool) error {
	if fails {
		return errors.New("disk full")
	}
	return nil
}

// A turn that runs in another replica is followed until it is over.
func TestAskOnceElsewhere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  journal.Outcome
		code string
	}{
		"done": {journal.OutcomeDone, ""}, "interrupted": {journal.OutcomeInterrupted, "aborted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachRoute(t, func(t *testing.T, r route) {
				store := memory.Open()
				here, there := &theatre{script: later}, &theatre{script: func(ctx context.Context, n int, r channels.Replier) error {
					err := later(ctx, n, r)
					if c.end != journal.OutcomeDone {
						err = errors.New("no")
					}
					return err
				}}
				h := bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: here, Journal: keptOpen{store}}, patience)
				other := bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: there, Journal: keptOpen{store}}, patience)
				first := asks(t.Context(), other, r, once("hi"))
				pass(time.Second)
				gets(t, "who asks here", <-asks(t.Context(), h, r, once("hi")), c.code, "one", "two")
				<-first
				if n := here.played(); n != 0 {
					t.Errorf("%d turns here", n)
				}
			})
		})
	}
}

// An id that a platform's message had is not asked again.
func TestAskOnceOfAPostedMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{}, service.Config{Agent: parrot()})
		s.post(t, "chat", "ann", "one")
		err := s.inbox(t, "chat").Ask(t.Context(), channels.Message{Sender: "ann", ID: "one", Text: "one"}, &channels.Collector{})
		var e *channels.Error
		if !errors.As(err, &e) || e.Code != channels.CodeAlreadyExists {
			t.Errorf("error %v", err)
		}
	})
}

// A turn whose caller hung up holds its place: hanging up is no way round the limit.
func TestAskOnceCountsTurnsWithoutCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &theatre{script: later}
		limits := instance.DefaultLimits()
		limits.Asks = 2
		h := bubble(t, service.Config{Channels: instances(t, "rest:\n"), Agent: a, Limits: limits}, patience)
		for i := range 5 {
			ctx, hangUp := context.WithCancel(t.Context())
			gone := asks(ctx, h, routes()[0], question{sender: fmt.Sprint("s", i), text: "hi", id: "m1"})
			hangUp()
			<-gone
		}
		if n := a.played(); n != 2 {
			t.Errorf("%d turns at once", n)
		}
		gets(t, "one more", <-asks(t.Context(), h, routes()[0], once("hi")), "resource_exhausted")
		pass(2 * time.Minute)
		gets(t, "one later", <-asks(t.Context(), h, routes()[0], once("hi")), "", "one", "two")
	})
}

// A reply in which nothing is left to show is none.
func TestAskOnceWithAnEmptyReply(t *testing.T) {
	t.Parallel()
	eachRoute(t, func(t *testing.T, r route) {
		h, _ := theatreHouse(t, func(ctx context.Context, _ int, r channels.Replier) error {
			return errors.Join(r.Reply(ctx, channels.Reply{}), text(ctx, r, "one"))
		})
		for _, who := range []string{"the first", "a repeat"} {
			gets(t, who, <-asks(t.Context(), h, r, once("hi")), "", "one")
		}
	})
}
