package service_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/intake"
	"github.com/manyvox/manyvox/service/journal/memory"
)

// What the agent says comes out as parts, cut by the service and then by the channel.
func TestPost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &platform{fit: func(p channels.Part) []channels.Part { // one for each word
			var parts []channels.Part
			for word := range strings.FieldsSeq(p.Reply.Text) {
				part := p
				part.Reply.Text = word
				parts = append(parts, part)
			}
			if p.Reply.Image != "" {
				parts = append(parts, p)
			}
			return parts
		}}
		s := perform(t, p, service.Config{Agent: agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
			return errors.Join(
				r.Reply(ctx, channels.Reply{Text: "a b\n\nc", Image: "https://x.example/i.png"}),
				r.Delta(ctx, "d "), r.Delta(ctx, "e"),
				r.Reply(ctx, channels.Reply{Text: "d e"}),
				r.Delta(ctx, "f"))
		})})
		s.post(t, "chat", "ann", "hello")
		part := func(r channels.Reply) channels.Part {
			r.RecipientID = "ann"
			return channels.Part{Channel: "chat", Sender: "ann", Address: "room of ann", Reply: r}
		}
		want := []channels.Part{
			part(channels.Reply{Text: "a"}), part(channels.Reply{Text: "b"}), part(channels.Reply{Text: "c"}),
			part(channels.Reply{Image: "https://x.example/i.png"}),
			part(channels.Reply{Text: "d"}), part(channels.Reply{Text: "e"}), part(channels.Reply{Text: "f"}),
		}
		var got []channels.Part
		for _, c := range s.all() {
			got = append(got, c.part)
			if c.part.ID == "" || strings.ContainsAny(c.part.ID, ". ") || s.ids()[c.part.ID] != 1 {
				t.Errorf("the id of %q is %q, used %d times", c.part.Reply.Text, c.part.ID, s.ids()[c.part.ID])
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(channels.Part{}, "ID")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		s.counts(t, `messages_stored_total{channel="chat",outcome="stored"} 1`, `deliveries_total{channel="chat",class="sent"} 7`,
			`turns_total{channel="chat",outcome="answered"} 1`)
	})
}

// Messages that wait for replies by Ask and those by Post share one line.
func TestPostAndAskShareTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		agent := newHeld()
		s := perform(t, &platform{}, service.Config{Agent: agent})
		var done []chan error
		for i, text := range []string{"post 1", "ask 1", "post 2", "post 3", "ask 2"} {
			if strings.HasPrefix(text, "post") {
				s.post(t, "chat", "ann", text)
			} else {
				asked := make(chan error, 1)
				go func() { asked <- s.inbox(t, "chat").Ask(t.Context(), note("ann", text), &channels.Collector{}) }()
				done = append(done, asked)
				synctest.Wait()
			}
			if len(agent.began) != 1 {
				t.Fatalf("after message %d, %d turns have begun", i, len(agent.began))
			}
		}
		for _, want := range []string{"post 1", "ask 1", "post 2", "post 3", "ask 2"} {
			if got := <-agent.began; got != private+want {
				t.Errorf("the turn is %q, want %q", got, want)
			}
			synctest.Wait()
			if len(agent.began) != 0 {
				t.Errorf("a turn began beside %q", want)
			}
			agent.release <- struct{}{}
		}
		for _, asked := range done {
			if err := <-asked; err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff([]string{"post 1", "post 2", "post 3"}, s.taken("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

// A message that comes again is acknowledged and not answered again, for two days.
func TestPostDuplicates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &actor{}
		s := perform(t, &platform{}, service.Config{Agent: a})
		s.post(t, "chat", "ann", "hello", "hello")
		s.post(t, "chat", "bob", "hello") // another's may have the same id
		pass(48*time.Hour - time.Minute)
		s.post(t, "chat", "ann", "hello")
		if n := len(a.runs("hello")); n != 2 {
			t.Errorf("%d turns, want one of ann's and one of bob's", n)
		}
		s.counts(t, `messages_stored_total{channel="chat",outcome="stored"} 2`, `messages_stored_total{channel="chat",outcome="duplicate"} 2`)
		pass(3 * time.Minute)
		s.post(t, "chat", "ann", "hello")
		if diff := cmp.Diff([]string{"hello", "hello"}, s.taken("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

// Of a batch those that can be taken are stored.
func TestPostRefusesPartOfABatch(t *testing.T) {
	t.Parallel()
	banned := func(_ context.Context, m *channels.Message) error {
		if m.Sender == "mallory" {
			return channels.Errorf(channels.CodePermissionDenied, "not today")
		}
		return nil
	}
	for _, c := range []struct {
		name  string
		wrong channels.Message
		code  channels.Code
	}{
		{"too long", note("ann", strings.Repeat("x", 70_000)), channels.CodeInvalid},
		{"not UTF-8", note("ann", "\xff"), channels.CodeInvalid},
		{"refused by a policy", note("mallory", "hello"), channels.CodePermissionDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := perform(t, &platform{}, service.Config{Agent: parrot(), Policies: []intake.Policy{banned}})
				c.wrong.ID = "wrong"
				err := s.inbox(t, "chat").Post(t.Context(), note("ann", "one"), c.wrong, note("ann", "two"))
				if code := channels.AsError(err).Code; err == nil || code != c.code || errors.Is(err, channels.ErrUnavailable) {
					t.Errorf("the error is %v, code %v", err, code)
				}
				if !errors.Is(err, channels.ErrInvalid) {
					t.Errorf("%v does not match ErrInvalid", err)
				}
				synctest.Wait()
				if diff := cmp.Diff([]string{"one", "two"}, s.taken("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				s.counts(t, `messages_refused_total{channel="chat",code="`+c.code.String()+`"} 1`, `messages_stored_total{channel="chat",outcome="stored"} 2`)
			})
		})
	}
}

// webhook sends a message by HTTP and returns status, Retry-After and body.
func (s *stage) webhook(t *testing.T, channel, body string) (int, string, string) {
	t.Helper()
	conn, err := s.dial(t.Context(), "tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	status, header, answer := overConn(t, conn, "POST", "/webhooks/"+channel+"/webhook", body)
	return status, header.Get("Retry-After"), answer
}

// When a message cannot be stored now the platform is told to come again, and once it
// can be, it is.
func TestPostLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		code      string
		away, put func(*stage, *faulty, *held)
	}{
		{
			"the journal fails", "unavailable",
			func(_ *stage, f *faulty, _ *held) {
				f.fail(func() { f.enqueue = func() error { return errors.New("disk full") } })
			},
			func(_ *stage, f *faulty, _ *held) { f.fail(func() { f.enqueue = nil }) },
		},
		{
			"too many wait", "resource_exhausted",
			func(s *stage, _ *faulty, _ *held) {
				_ = s.inboxes["chat"].Post(context.Background(), note("bob", "1"), note("bob", "2"))
			},
			func(_ *stage, _ *faulty, a *held) { a.release <- struct{}{} },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f, agent := &faulty{Journal: memory.Open()}, newHeld()
				limits := instance.DefaultLimits()
				limits.Inbox = 2
				s := perform(t, &platform{}, service.Config{Agent: agent, Journal: f, Limits: limits})
				c.away(s, f, agent)
				status, after, body := s.webhook(t, "chat", `{"sender":"ann","message":"§hello"}`)
				if status != http.StatusServiceUnavailable || after != "1" || !strings.Contains(body, `"code":"`+c.code+`"`) {
					t.Errorf("%d, Retry-After %q, %s", status, after, body)
				}
				c.put(s, f, agent)
				synctest.Wait()
				if status, _, body := s.webhook(t, "chat", `{"sender":"ann","message":"§hello"}`); status != http.StatusOK {
					t.Errorf("afterwards: %d %s", status, body)
				}
				close(agent.release)
				synctest.Wait()
				if diff := cmp.Diff([]string{"hello"}, s.taken("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Whatever fails, the agent or the channel: with all of it done, there is room again.
func TestPostRoomIsFreedByEveryEnd(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]func(context.Context, agents.Turn, channels.Replier, int) error{
		"silent": fails(always, nil), "terminal": fails(always, channels.Errorf(channels.CodeNotFound, "no")),
		"interrupted": fails(always, errors.New("no"), "shown"), "at last": fails(1, errors.New("no")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limits := instance.DefaultLimits()
				limits.Inbox = 1
				s := perform(t, &platform{}, service.Config{Agent: &actor{play: play}, Limits: limits})
				s.post(t, "chat", "ann", "one")
				pass(time.Minute)
				s.post(t, "chat", "ann", "two")
				err := s.inbox(t, "chat").Post(t.Context(), note("ann", "three"), note("ann", "four"))
				if !errors.Is(err, channels.ErrUnavailable) {
					t.Errorf("two where there is room for one: %v", err)
				}
			})
		})
	}
}

func TestPostWhileDraining(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{}, service.Config{Agent: parrot()})
		s.Drain()
		if err := s.inbox(t, "chat").Post(t.Context(), note("ann", "late")); !errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
		if status, after, body := s.webhook(t, "chat", `{"message":"§late"}`); status != 503 || after != "1" {
			t.Errorf("%d, Retry-After %q, %s", status, after, body)
		}
	})
}

// A caller that goes away before its message is stored is no fault of ours.
func TestPostCallerGoesAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := perform(t, &platform{}, service.Config{Agent: parrot()})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.inbox(t, "chat").Post(ctx, note("ann", "hello")); !errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
		if log := s.log.String(); strings.Contains(log, `"level":"ERROR"`) {
			t.Errorf("the log makes much of it: %s", log)
		}
	})
}
