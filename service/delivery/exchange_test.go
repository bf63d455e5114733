package delivery_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// Each part is in the channel's log with its recipient. The edits by which replies grow are
// one line.
func TestExchangesOfGrowth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &servicetest.StreamPlatform{}
		list := servicetest.Channels(t, "chat: {type: platform}\n", p.Type())
		s := servicetest.NewStreamHarness(t, p, service.Config{
			Channels: list, Agent: &servicetest.ScriptedAgent{Script: pieces(nil, nil, "a", " b", " c", " d", " e")},
		})
		s.Post(t, "chat", "ann", "one")
		s.Post(t, "chat", "bob", "two")
		servicetest.Advance(time.Minute)
		edits := int64(len(p.Live("append")))
		if edits < 4 {
			t.Fatalf("%d edits", edits)
		}
		got := map[string]int64{}
		entries, _ := list[0].Exchanges.Since(0)
		for _, e := range entries {
			got[fmt.Sprint(e.Direction, " ", e.Verdict, " ", e.Sender)] += e.Count
		}
		want := map[string]int64{"in accepted ann": 1, "in accepted bob": 1, "out accepted ": edits}
		for _, c := range append(p.Live("open"), p.Live("close")...) {
			want["out accepted "+c.Part.Sender]++
		}
		for _, c := range p.Calls() {
			want["out accepted "+c.Part.Sender]++
		}
		if diff := cmp.Diff(want, got); diff != "" || len(entries) > 7 {
			t.Errorf("%d entries (-want +got):\n%s", len(entries), diff)
		}
	})
}
