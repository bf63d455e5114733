package service_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// isolationCase is a fault of a platform, and who must wait because of it.
type isolationCase struct {
	name string
	// fault is the answer to a part of the channel chat while the fault lasts. One says
	// that it is the part that the fault is about.
	fault func(ctx context.Context, one bool) error
	// waits are those who wait: of "conversation", the next part of the same; "key",
	// another conversation with the same address; "channel", another conversation of the
	// channel; "other", another channel.
	waits string
	// dead is the kind of the dead letter that the part becomes, if it does.
	dead string
}

// ofOne answers only the one part so.
func ofOne(err error) func(context.Context, bool) error {
	return func(_ context.Context, one bool) error {
		if one {
			return err
		}
		return nil
	}
}

// ofAll answers every part so.
func ofAll(err error) func(context.Context, bool) error {
	return func(context.Context, bool) error { return err }
}

func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func isolationCases() []isolationCase {
	blocked := &channels.SendError{Class: channels.SendGone, Code: "403"}
	return []isolationCase{
		{"no fault", ofAll(nil), "", ""},
		{"hung for one", func(ctx context.Context, one bool) error {
			if one {
				return hang(ctx)
			}
			return nil
		}, "conversation", ""},
		{"hung", func(ctx context.Context, _ bool) error { return hang(ctx) }, "conversation key channel", ""},
		{"slow", func(context.Context, bool) error { time.Sleep(10 * time.Second); return nil }, "conversation key channel", ""},
		{"403 for one", ofOne(blocked), "", "undelivered"},
		{"401 for one", ofOne(servicetest.SendFailure(channels.SendUnauthorized)), "conversation", ""},
		{"401 for all", ofAll(servicetest.SendFailure(channels.SendUnauthorized)), "conversation key channel", ""},
		{"429 for one sender", ofOne(servicetest.Throttled(time.Minute, channels.ScopeSender)), "conversation", ""},
		{"429 for one key", ofOne(servicetest.Throttled(time.Minute, channels.ScopeAddress)), "conversation key", ""},
		{"429 for all", ofOne(servicetest.Throttled(time.Minute, channels.ScopeChannel)), "conversation key channel", ""},
		{"503 for one", ofOne(servicetest.SendFailure(channels.SendUnavailable)), "conversation", ""},
		{"panicking for one", func(_ context.Context, one bool) error {
			if one {
				panic("defect")
			}
			return nil
		}, "conversation", ""},
		{"panicking", func(context.Context, bool) error { panic("defect") }, "conversation key channel", ""},
	}
}

// TestIsolation lets a platform fail in each way and looks who waits at once, and that
// all is delivered in order once the fault is over.
func TestIsolation(t *testing.T) {
	t.Parallel()
	for _, c := range isolationCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { c.run(t) })
		})
	}
}

// readers are who gets parts, by what they have in common with the part that the fault
// is about.
var readers = []struct{ relation, channel, sender, address string }{
	{"conversation", "chat", "ann", "room"},
	{"key", "chat", "bob", "room"},
	{"channel", "chat", "cat", "elsewhere"},
	{"other", "mail", "ann", "room"},
}

func (c isolationCase) run(t *testing.T) {
	var over atomic.Bool
	p := &servicetest.FakePlatform{OnSend: func(ctx context.Context, p channels.Part, _ int) error {
		if p.Channel != "chat" || over.Load() {
			return nil
		}
		return c.fault(ctx, strings.HasSuffix(p.Reply.Text, "one"))
	}}
	s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo()})
	post := func(channel, sender, address, text string) {
		t.Helper()
		m := servicetest.NewMessage(sender, text)
		m.Address = address
		if err := s.Inbox(t, channel).Post(t.Context(), m); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	}
	post("chat", "ann", "room", "one")
	for _, r := range readers {
		post(r.channel, r.sender, r.address, "two")
	}
	var waits []string
	for _, r := range readers {
		if got := s.Accepted(r.channel, r.sender); len(got) == 0 || got[len(got)-1] != "two" {
			waits = append(waits, r.relation)
		}
	}
	if diff := cmp.Diff(c.waits, strings.Join(waits, " ")); diff != "" {
		t.Errorf("who waits (-want +got):\n%s", diff)
	}
	over.Store(true)
	servicetest.Advance(time.Hour)
	for _, r := range readers {
		want := []string{"two"}
		if r.relation == "conversation" && c.dead == "" {
			want = []string{"one", "two"}
		}
		if diff := cmp.Diff(want, s.Accepted(r.channel, r.sender)); diff != "" {
			t.Errorf("%s of %s, once the fault is over (-want +got):\n%s", r.relation, r.sender, diff)
		}
	}
	var dead []string
	if c.dead != "" {
		dead = []string{c.dead + " one"}
	}
	if diff := cmp.Diff(dead, s.DeadLetters(t)); diff != "" {
		t.Errorf("dead letters (-want +got):\n%s", diff)
	}
}
