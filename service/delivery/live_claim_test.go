package delivery_test

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
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/servicetest"
)

// doubting is a journal whose claims of parts become too old.
type doubting struct {
	journal.Journal
	old    atomic.Int64 // claims up to this one are too old
	claims atomic.Int64
}

func (j *doubting) NextPart(ctx context.Context) (journal.Delivery, error) {
	d, err := j.Journal.NextPart(ctx)
	n := j.claims.Add(1)
	d.Certain = func() bool { return n > j.old.Load() }
	return d, err
}

// A live part whose claim has become too old is put back and goes on under the next claim: no
// piece is shown twice, and none is left out. It is as old as it was, too.
func TestClaimTooOldInMidGrowth(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		live  channels.LiveLimits
		shown string // under the new claim
		want  []string
	}{
		"without a limit": {shown: "abcd…", want: []string{"abcdefg"}},
		"with an age":     {live: channels.LiveLimits{For: 4500 * time.Millisecond}, shown: "abcd…", want: []string{"abcd", "ef g"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				text := strings.Split("abcdefg", "")
				if c.live.For > 0 {
					text[4], text[6] = " e", " g"
				}
				p := &servicetest.StreamPlatform{Limits: channels.Limits{Live: c.live}}
				j := &doubting{Journal: memory.Open()}
				s := servicetest.NewStreamHarness(t, p, service.Config{
					Journal: j, Agent: &servicetest.ScriptedAgent{Script: pieces(nil, nil, text...)},
				})
				s.Post(t, "chat", "ann", "one")
				servicetest.Advance(2500 * time.Millisecond)
				checkShown(t, p, "abc…")
				j.old.Store(j.claims.Load())
				servicetest.Advance(time.Second)
				if j.claims.Load() != 2 {
					t.Errorf("%d claims, want that the part was put back once", j.claims.Load())
				}
				checkShown(t, p, c.shown)
				servicetest.Advance(time.Minute)
				checkShown(t, p, c.want...)
				var added string
				for _, call := range p.Live("append") {
					added += call.Piece
				}
				if diff := cmp.Diff(strings.Join(text[1:], ""), added); diff != "" && c.live.For == 0 {
					t.Errorf("added (-want +got):\n%s", diff)
				}
			})
		})
	}
}
