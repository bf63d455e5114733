package turn_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// steps writes what the journal was given, without the numbers of the ids.
func steps(settled []journal.Step) (list []string) {
	for _, s := range settled {
		var b strings.Builder
		if s.Complete != nil {
			fmt.Fprintf(&b, "complete %s; ", strings.Join(textsOfParts(s.Complete.Parts), "|"))
		}
		if len(s.Parts) > 0 {
			fmt.Fprintf(&b, "send %s; ", strings.Join(textsOfParts(s.Parts), "|"))
		}
		if s.Begin != nil {
			fmt.Fprintf(&b, "begin %s; ", s.Begin.Reply.Text)
		}
		for _, e := range s.Events {
			fmt.Fprintf(&b, "%s; ", strings.Join(inShort([]channels.Event{e}), ""))
		}
		if s.End != nil {
			fmt.Fprintf(&b, "%s", s.End.Outcome)
		}
		list = append(list, strings.TrimSuffix(b.String(), "; "))
	}
	return list
}

func textsOfParts(parts []channels.Part) (list []string) {
	for _, p := range parts {
		list = append(list, p.Reply.Text+p.Reply.Image)
	}
	return list
}

// act is something an agent does in a turn.
type act func(ctx context.Context, r channels.Replier) error

func delta(piece string) act {
	return func(ctx context.Context, r channels.Replier) error { return r.Delta(ctx, piece) }
}

func reply(r channels.Reply) act {
	return func(ctx context.Context, to channels.Replier) error { return to.Reply(ctx, r) }
}

func text(s string) act { return reply(channels.Reply{Text: s}) }

// inActs returns an agent that does acts, each longer after the one before than a batch
// lasts, and returns err.
func inActs(err error, acts ...act) agents.Func {
	return func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		for _, a := range acts {
			if err := a(ctx, r); err != nil {
				return err
			}
			time.Sleep(10 * time.Millisecond)
		}
		return err
	}
}

// atOnce returns an act that does several in one batch.
func atOnce(acts ...act) act {
	return func(ctx context.Context, r channels.Replier) error {
		for _, a := range acts {
			if err := a(ctx, r); err != nil {
				return err
			}
		}
		return nil
	}
}

// What of a growing text is committed, and what delivery is told, in which order.
func TestLiveText(t *testing.T) {
	t.Parallel()
	failed := errors.New("it fails")
	for name, c := range map[string]struct {
		live  *liveParts
		agent agents.Func
		fit   func(channels.Part) []channels.Part
		said  string
		steps []string
	}{
		"grows and is completed": {
			agent: inActs(nil, delta("a"), delta(" b"), text("a b c")),
			said:  "1 begins a, 1 grows  b, 1 finishes, 1 is a b c, 1 is over",
			steps: []string{"begin a", "complete a b c; reply a b c", "done"},
		},
		"white space begins nothing": {
			agent: inActs(nil, delta(" \n"), text("a")),
			steps: []string{"send a; reply a", "done"},
		},
		"completed before it is committed": {
			agent: inActs(nil, atOnce(delta("a"), text("a b"))),
			said:  "1 begins a, 1 is over, 1 is over",
			steps: []string{"send a b; reply a b", "done"},
		},
		"paragraphs": {
			agent: inActs(nil, delta("a"), delta("\n\nb"), delta("\n\nc"), text("a\n\nb\n\nc d\n\ne")),
			said:  "1 begins a, 1 grows , 1 finishes, 2 begins b, 1 is a, 2 grows , 2 finishes, 3 begins c, 2 is b, 3 finishes, 3 is c d, 1 is over, 2 is over, 3 is over",
			steps: []string{"begin a", "complete a; begin b", "complete b; begin c", "complete c d|e; reply a b c d e", "done"},
		},
		"paragraphs at once": {
			agent: inActs(nil, delta("a\n\nb\n\nc"), text("a\n\nb\n\nc")),
			said:  "1 begins a, 1 is over, 2 begins b, 2 is over, 3 begins c, 3 finishes, 3 is c, 1 is over, 2 is over, 3 is over",
			steps: []string{"send a|b; begin c", "complete c; reply a b c", "done"},
		},
		"an image": {
			agent: inActs(nil, delta("a"), reply(channels.Reply{Image: "i.png"})),
			said:  "1 begins a, 1 finishes, 1 is a, 1 is over",
			steps: []string{"begin a", "complete a; send i.png; reply a; reply ", "done"},
		},
		"the end of the turn": {
			agent: inActs(nil, delta("a"), delta("b")),
			said:  "1 begins a, 1 grows b, 1 finishes, 1 is ab, 1 is over",
			steps: []string{"begin a", "complete ab; reply ab; done"},
		},
		"the agent fails": {
			agent: inActs(failed, delta("a\n\nb"), delta("c")),
			said:  "1 begins a, 1 is over, 2 begins b, 2 grows c, 2 finishes, 2 is bc, 1 is over, 2 is over",
			steps: []string{"send a; begin b", "complete bc; send sorry; reply a bc; interrupted; reply sorry; interrupted"},
		},
		"the agent fails before anything is committed": {
			agent: func(ctx context.Context, t agents.Turn, r channels.Replier) error {
				return errors.Join(r.Delta(ctx, "a"), channels.Errorf(channels.CodeInvalid, "it fails"))
			},
			said:  "1 begins a, 1 is over",
			steps: []string{"send sorry; failed; reply sorry; failed"},
		},
		"no room": {
			live:  &liveParts{full: true},
			agent: inActs(nil, delta("a"), delta("\n\nb"), text("a\n\nb")),
			steps: []string{"send a", "send b; reply a b", "done"},
		},
		"no room, and the agent fails": {
			live:  &liveParts{full: true},
			agent: inActs(failed, delta("a"), delta("\n\nb")),
			steps: []string{"send a", "send b|sorry; reply a b; interrupted; reply sorry; interrupted"},
		},
		"cut by a roll-over": {
			live:  &liveParts{closed: 4, next: 4},
			agent: inActs(nil, delta("one two"), text("one two three")),
			said:  "1 begins one two, 1 finishes, 1 is two three, 1 is over",
			steps: []string{"begin one two", "complete two three; reply one two three", "done"},
		},
		"cut by a roll-over that is under way": {
			live:  &liveParts{closed: 4, next: 8},
			agent: inActs(nil, delta("one two three"), text("one two three four")),
			said:  "1 begins one two three, 1 finishes, 1 is two, 1 is over",
			steps: []string{"begin one two three", "complete two|three four; reply one two three four", "done"},
		},
		"Fit makes two parts": {
			agent: inActs(nil, delta("a"), text("abcd")),
			fit:   cutInTwo,
			said:  "1 begins a, 1 finishes, 1 is ab, 1 is over",
			steps: []string{"begin a", "complete ab|cd; reply abcd", "done"},
		},
		"Fit shows nothing": {
			agent: inActs(nil, delta("a"), text("ab")),
			fit:   func(channels.Part) []channels.Part { return nil },
			said:  "1 begins a, 1 finishes, 1 is ab, 1 is over",
			steps: []string{"begin a", "complete ab; reply ab", "done"},
		},
		"Fit panics": {
			agent: inActs(nil, delta("a"), text("ab")),
			fit:   func(channels.Part) []channels.Part { panic("the channel is broken") },
			said:  "1 begins a, 1 finishes, 1 finishes, 1 is a, 1 is over",
			steps: []string{"begin a", "complete a; reply a; interrupted; interrupted"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				live := c.live
				if live == nil {
					live = &liveParts{}
				}
				h := newHarness(t, c.agent, func(s *settings) {
					s.grows, s.onFailure, s.channel.fit, s.Delivery = true, "sorry", c.fit, live
				})
				h.post(t, "ann", "hi")
				advance(time.Minute)
				if diff := cmp.Diff(c.said, strings.Join(live.said, ", ")); diff != "" {
					t.Errorf("said to delivery (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.steps, steps(h.journal.settled)); diff != "" {
					t.Errorf("steps (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// cutInTwo is a Fit that makes two parts of a text.
func cutInTwo(p channels.Part) []channels.Part {
	rest := p
	half := len(p.Reply.Text) / 2
	p.Reply.Text, rest.Reply.Text = p.Reply.Text[:half], p.Reply.Text[half:]
	return []channels.Part{p, rest}
}

// The ids of a live part's successors are those of no other part.
func TestLivePartIDs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		live := &liveParts{}
		h := newHarness(t, inActs(nil, delta("a\n\nb"), text("a\n\nb c\n\nd"), text("e"), delta("f"), text("fg")), func(s *settings) {
			s.grows, s.channel.fit, s.Delivery = true, cutInTwo, live
		})
		h.post(t, "ann", "hi")
		advance(time.Minute)
		ids := map[string]bool{}
		n := 0
		for _, s := range h.journal.settled {
			parts := s.Parts
			if s.Complete != nil {
				parts = append(s.Complete.Parts[1:len(s.Complete.Parts):len(s.Complete.Parts)], parts...)
			}
			if s.Begin != nil {
				parts = append(parts, *s.Begin)
			}
			for _, p := range parts {
				ids[p.ID] = true
				n++
			}
		}
		if n == 0 || len(ids) != n {
			t.Errorf("%d ids of %d parts", len(ids), n)
		}
	})
}

// A journal that fails for a while delays a growing text and loses nothing of it; a claim
// that is lost ends it.
func TestLiveTextAndItsJournal(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 3; n++ {
		t.Run(fmt.Sprint("fails from step ", n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				live := &liveParts{}
				h := newHarness(t, inActs(nil, delta("a"), delta("b"), text("ab c")), func(s *settings) {
					s.grows, s.Delivery, s.journal.fault = true, live, failsFrom(n, 4)
				})
				h.post(t, "ann", "hi")
				advance(time.Minute)
				if diff := cmp.Diff([]string{"message hi", "reply ab c"}, h.events(t, "ann")); diff != "" || h.dead(t) != nil || live.open != 0 {
					t.Errorf("dead letters %v, %d texts still grow, events (-want +got):\n%s", h.dead(t), live.open, diff)
				}
			})
		})
		t.Run(fmt.Sprint("is fenced at step ", n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				live := &liveParts{}
				h := newHarness(t, inActs(nil, delta("a"), delta("b"), text("ab c")), func(s *settings) {
					s.grows, s.Delivery = true, live
					s.journal.fault = func(try int, _ journal.Step) error {
						if try >= n {
							return journal.ErrFenced
						}
						return nil
					}
				})
				h.post(t, "ann", "hi")
				advance(time.Minute)
				if said := live.said; len(said) == 0 || !strings.HasSuffix(said[len(said)-1], "is over") {
					t.Errorf("delivery was told %q", said)
				}
			})
		})
	}
}
