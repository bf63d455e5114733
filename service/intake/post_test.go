package intake_test

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
	"github.com/manyvox/manyvox/service/servicetest"
)

// Replies become parts, which the service cuts first and the channel's Fit then.
func TestPost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.FakePlatform{OnFit: func(p channels.Part) []channels.Part { // one for each word
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
		s := servicetest.NewHarness(t, p, service.Config{Agent: agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
			return errors.Join(
				r.Reply(ctx, channels.Reply{Text: "a b\n\nc", Image: "https://x.example/i.png"}),
				r.Delta(ctx, "d "), r.Delta(ctx, "e"),
				r.Reply(ctx, channels.Reply{Text: "d e"}),
				r.Delta(ctx, "f"))
		})})
		s.Post(t, "chat", "ann", "hello")
		part := func(r channels.Reply) channels.Part {
			r.RecipientID = "ann"
			return channels.Part{Channel: "chat", Type: "platform", Sender: "ann", Address: "room of ann", MessageID: "hello", Reply: r}
		}
		want := []channels.Part{
			part(channels.Reply{Text: "a"}), part(channels.Reply{Text: "b"}), part(channels.Reply{Text: "c"}),
			part(channels.Reply{Image: "https://x.example/i.png"}),
			part(channels.Reply{Text: "d"}), part(channels.Reply{Text: "e"}), part(channels.Reply{Text: "f"}),
		}
		var got []channels.Part
		for _, c := range s.Calls() {
			got = append(got, c.Part)
			if c.Part.ID == "" || strings.ContainsAny(c.Part.ID, ". ") || s.SendsByID()[c.Part.ID] != 1 {
				t.Errorf("the id of %q is %q, used %d times", c.Part.Reply.Text, c.Part.ID, s.SendsByID()[c.Part.ID])
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(channels.Part{}, "ID")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		s.CheckMetrics(t, `messages_stored_total{channel="chat",outcome="stored"} 1`, `deliveries_total{channel="chat",class="sent"} 7`,
			`turns_total{channel="chat",outcome="answered"} 1`)
	})
}

// The messages of Ask and Post to one conversation wait in one queue.
func TestPostAndAskShareTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		agent := servicetest.NewBlockingAgent()
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: agent})
		var done []chan error
		for i, text := range []string{"post 1", "ask 1", "post 2", "post 3", "ask 2"} {
			if strings.HasPrefix(text, "post") {
				s.Post(t, "chat", "ann", text)
			} else {
				asked := make(chan error, 1)
				go func() {
					asked <- s.Inbox(t, "chat").Ask(t.Context(), servicetest.NewMessage("ann", text), &channels.Collector{})
				}()
				done = append(done, asked)
				synctest.Wait()
			}
			if len(agent.Began) != 1 {
				t.Fatalf("after message %d, %d turns have begun", i, len(agent.Began))
			}
		}
		for _, want := range []string{"post 1", "ask 1", "post 2", "post 3", "ask 2"} {
			if got := <-agent.Began; got != servicetest.Private+want {
				t.Errorf("the turn is %q, want %q", got, want)
			}
			synctest.Wait()
			if len(agent.Began) != 0 {
				t.Errorf("a turn began beside %q", want)
			}
			agent.Release <- struct{}{}
		}
		for _, asked := range done {
			if err := <-asked; err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff([]string{"post 1", "post 2", "post 3"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

// A message that comes again within two days is acknowledged, and not answered again.
func TestPostDuplicates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &servicetest.ScriptedAgent{}
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: a})
		s.Post(t, "chat", "ann", "hello", "hello")
		s.Post(t, "chat", "bob", "hello") // another sender may use the same id
		servicetest.Advance(48*time.Hour - time.Minute)
		s.Post(t, "chat", "ann", "hello")
		if n := len(a.Runs("hello")); n != 2 {
			t.Errorf("%d turns, want one of ann's and one of bob's", n)
		}
		s.CheckMetrics(t, `messages_stored_total{channel="chat",outcome="stored"} 2`, `messages_stored_total{channel="chat",outcome="duplicate"} 2`)
		servicetest.Advance(3 * time.Minute)
		s.Post(t, "chat", "ann", "hello")
		if diff := cmp.Diff([]string{"hello", "hello"}, s.Accepted("chat", "ann")); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

// Of a batch, the messages that can be accepted are stored.
func TestPostRefusesPartOfABatch(t *testing.T) {
	t.Parallel()
	banned := func(_ context.Context, m *channels.Message) error {
		switch m.Sender {
		case "mallory":
			return channels.Errorf(channels.CodePermissionDenied, "not today")
		case "nobody":
			return channels.Errorf(channels.CodeUnauthenticated, "who is that?")
		}
		return nil
	}
	for _, c := range []struct {
		name  string
		wrong channels.Message
		code  channels.Code
	}{
		{"too long", servicetest.NewMessage("ann", strings.Repeat("x", 70_000)), channels.CodeInvalid},
		{"not UTF-8", servicetest.NewMessage("ann", "\xff"), channels.CodeInvalid},
		{"refused by a policy", servicetest.NewMessage("mallory", "hello"), channels.CodePermissionDenied},
		{"unknown to a policy", servicetest.NewMessage("nobody", "hello"), channels.CodeUnauthenticated},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo(), Policies: []intake.Policy{banned}})
				c.wrong.ID = "wrong"
				err := s.Inbox(t, "chat").Post(t.Context(), servicetest.NewMessage("ann", "one"), c.wrong, servicetest.NewMessage("ann", "two"))
				if code := channels.AsError(err).Code; err == nil || code != c.code || errors.Is(err, channels.ErrUnavailable) {
					t.Errorf("the error is %v, code %v", err, code)
				}
				if !errors.Is(err, channels.ErrInvalid) {
					t.Errorf("%v does not match ErrInvalid", err)
				}
				synctest.Wait()
				if diff := cmp.Diff([]string{"one", "two"}, s.Accepted("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
				s.CheckMetrics(t, `messages_refused_total{channel="chat",code="`+c.code.String()+`"} 1`, `messages_stored_total{channel="chat",outcome="stored"} 2`)
			})
		})
	}
}

// When a message cannot be stored now, the platform gets 503 with Retry-After. Once there
// is room, the message is stored.
func TestPostLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		code      string
		away, put func(*testing.T, *servicetest.Harness, *servicetest.FaultyJournal, *servicetest.BlockingAgent)
	}{
		{
			"the journal fails", "unavailable",
			func(_ *testing.T, _ *servicetest.Harness, f *servicetest.FaultyJournal, _ *servicetest.BlockingAgent) {
				f.Set(func() { f.OnEnqueue = func() error { return errors.New("disk full") } })
			},
			func(_ *testing.T, _ *servicetest.Harness, f *servicetest.FaultyJournal, _ *servicetest.BlockingAgent) {
				f.Set(func() { f.OnEnqueue = nil })
			},
		},
		{
			"too many wait", "resource_exhausted",
			func(t *testing.T, s *servicetest.Harness, _ *servicetest.FaultyJournal, _ *servicetest.BlockingAgent) {
				_ = s.Inbox(t, "chat").Post(context.Background(), servicetest.NewMessage("bob", "1"), servicetest.NewMessage("bob", "2"))
			},
			func(_ *testing.T, _ *servicetest.Harness, _ *servicetest.FaultyJournal, a *servicetest.BlockingAgent) {
				a.Release <- struct{}{}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f, agent := servicetest.NewFaultyJournal(), servicetest.NewBlockingAgent()
				limits := instance.DefaultLimits()
				limits.Inbox = 2
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: agent, Journal: f, Limits: limits})
				c.away(t, s, f, agent)
				status, after, body := postWebhook(t, s, "chat", `{"sender":"ann","message":"§hello"}`)
				if status != http.StatusServiceUnavailable || after != "1" || !strings.Contains(body, `"code":"`+c.code+`"`) {
					t.Errorf("%d, Retry-After %q, %s", status, after, body)
				}
				c.put(t, s, f, agent)
				synctest.Wait()
				if status, _, body := postWebhook(t, s, "chat", `{"sender":"ann","message":"§hello"}`); status != http.StatusOK {
					t.Errorf("afterwards: %d %s", status, body)
				}
				close(agent.Release)
				synctest.Wait()
				if diff := cmp.Diff([]string{"hello"}, s.Accepted("chat", "ann")); diff != "" {
					t.Errorf("taken (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Whether the agent or the channel failed: once a message is done, its room is free.
func TestPostRoomIsFreedByEveryEnd(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]servicetest.Script{
		"silent": servicetest.FailTurns(servicetest.Always, nil), "terminal": servicetest.FailTurns(servicetest.Always, channels.Errorf(channels.CodeNotFound, "no")),
		"interrupted": servicetest.FailTurns(servicetest.Always, errors.New("no"), "shown"), "at last": servicetest.FailTurns(1, errors.New("no")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limits := instance.DefaultLimits()
				limits.Inbox = 1
				s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: &servicetest.ScriptedAgent{Script: script}, Limits: limits})
				s.Post(t, "chat", "ann", "one")
				servicetest.Advance(time.Minute)
				s.Post(t, "chat", "ann", "two")
				err := s.Inbox(t, "chat").Post(t.Context(), servicetest.NewMessage("ann", "three"), servicetest.NewMessage("ann", "four"))
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
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo()})
		s.Drain()
		if err := s.Inbox(t, "chat").Post(t.Context(), servicetest.NewMessage("ann", "late")); !errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
		if status, after, body := postWebhook(t, s, "chat", `{"message":"§late"}`); status != 503 || after != "1" {
			t.Errorf("%d, Retry-After %q, %s", status, after, body)
		}
	})
}

// A caller that goes away before its message is stored makes no error in the log.
func TestPostCallerGoesAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := servicetest.NewHarness(t, &servicetest.FakePlatform{}, service.Config{Agent: servicetest.Echo()})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Inbox(t, "chat").Post(ctx, servicetest.NewMessage("ann", "hello")); !errors.Is(err, channels.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
		if log := s.Log.String(); strings.Contains(log, `"level":"ERROR"`) {
			t.Errorf("the log has a warning or an error: %s", log)
		}
	})
}
