package delivery_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// keeping is a journal that notes what of live parts was committed, and when.
type keeping struct {
	journal.Journal
	mu   sync.Mutex
	kept []string
}

func (k *keeping) KeepLive(ctx context.Context, c journal.Claim, p journal.LiveProgress) error {
	k.mu.Lock()
	receipt := ""
	if p.Receipt != nil {
		receipt = p.Receipt.ID
	}
	k.kept = append(k.kept, strings.TrimPrefix(p.Part.Reply.Text, private)+" "+receipt)
	k.mu.Unlock()
	return k.Journal.KeepLive(ctx, c, p)
}

// The receipt is committed right after Open, and the text so far every 5 seconds.
func TestTextSoFarIsCommitted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		k := &keeping{Journal: memory.Open()}
		s := servicetest.NewStreamHarness(t, p, service.Config{
			Journal: k, Agent: &servicetest.ScriptedAgent{Script: pieces(nil, nil, strings.Split("abcdefghijklm", "")...)},
		})
		s.Post(t, "chat", "ann", "one")
		servicetest.Advance(time.Minute)
		if diff := cmp.Diff([]string{"a m1", "abcdef m1", "abcdefghijk m1"}, k.kept); diff != "" {
			t.Errorf("committed (-want +got):\n%s", diff)
		}
	})
}

// A journal that fails for a while delays a text that grows, and loses nothing of it.
func TestJournalFailsInMidGrowth(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*servicetest.FaultyJournal, func() error){
		"what is kept":    func(j *servicetest.FaultyJournal, f func() error) { j.OnKeepLive = f },
		"what is settled": func(j *servicetest.FaultyJournal, f func() error) { j.OnSettlePart = f },
		"the turn":        func(j *servicetest.FaultyJournal, f func() error) { j.OnSettle = f },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				j := servicetest.NewFaultyJournal()
				p := &servicetest.StreamPlatform{Limits: channels.Limits{Live: channels.LiveLimits{Max: 10}}}
				s := servicetest.NewStreamHarness(t, p, service.Config{
					Journal: j, Agent: &servicetest.ScriptedAgent{Script: pieces(nil, nil, "one", " two", " three", " four", " five")},
				})
				j.Set(func() { set(j, func() error { return errors.New("disk full") }) })
				s.Post(t, "chat", "ann", "one", "two")
				servicetest.Advance(20 * time.Second)
				j.Set(func() { set(j, nil) })
				servicetest.Advance(time.Minute)
				if got, want := strings.Join(p.Shown("chat", "ann"), " "), "one two three four five two"; got != want {
					t.Errorf("shown %q, want %q", got, want)
				}
			})
		})
	}
}
