package journaltest

import (
	"context"
	"fmt"
	"sync"
	"testing/synctest"

	"github.com/manyvox/manyvox/service/journal"
)

var nextTests = map[string]func(*desk){
	"next: a conversation's messages come one at a time, in order": func(d *desk) {
		d.put("ann", "1", "2")
		d.enqueue(message("ann", "3"), message("ann", "4"))
		for _, id := range []string{"1", "2", "3", "4"} {
			turn := d.next(id)
			d.noNext()
			d.end(turn.Claim, journal.OutcomeDone)
		}
		d.depth(journal.Depth{})
	},
	"next: conversations do not wait for each other": func(d *desk) {
		d.put("ann", "a1", "a2")
		d.put("bob", "b1")
		turns := d.turns("a1", "b1")
		d.noNext()
		d.end(turns["a1"].Claim, journal.OutcomeDone)
		d.next("a2")
		d.end(turns["b1"].Claim, journal.OutcomeDone)
	},
	"next: row numbers rise and tokens are not zero": func(d *desk) {
		d.put("ann", "a1")
		d.put("bob", "b1")
		turns := d.turns("a1", "b1")
		a, b := turns["a1"], turns["b1"]
		if a.Row <= 0 || b.Row <= a.Row || a.Token == 0 || b.Token == 0 {
			d.Errorf("claims %+v, then %+v", a.Claim, b.Claim)
		}
	},
	"next: messages of a closed channel wait": func(d *desk) {
		d.OpenInbox("phone")
		d.put("ann", "1", "2")
		d.noNext()
		d.OpenInbox("phone", "web")
		d.end(d.next("1").Claim, journal.OutcomeDone)
		d.OpenInbox()
		d.noNext()
		d.OpenInbox("web")
		d.next("2")
	},
	"next: ends with its context": func(d *desk) {
		ctx, cancel := context.WithCancelCause(d.Context())
		got := make(chan error)
		go func() { _, err := d.Next(ctx); got <- err }()
		synctest.Wait()
		cancel(fmt.Errorf("enough"))
		d.is("Next", <-got, context.Canceled)
		d.put("ann", "1")
		d.next("1")
	},
	"next: each message wakes one of many that wait": func(d *desk) {
		ctx, cancel := context.WithCancel(d.Context())
		turns := make(chan journal.Turn, 2000)
		var waiting sync.WaitGroup
		for range 2000 {
			waiting.Go(func() {
				if turn, err := d.Next(ctx); err == nil {
					turns <- turn
				}
			})
		}
		synctest.Wait()
		for i := range 50 {
			d.put(fmt.Sprint("sender", i%25), fmt.Sprint(i))
		}
		synctest.Wait()
		d.same("turns", len(turns), 25)
		cancel()
		waiting.Wait()
		d.same("turns", len(turns), 25)
	},
}
