package journaltest

import (
	"fmt"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// noteOn notes a message's event.
func (d *desk) noteOn(channel, sender, id string) {
	d.Helper()
	m := message(sender, id)
	m.Channel = channel
	d.note(journal.MessageEvent(&m))
}

// noteMixed notes ten events: 0, 4, 8 of ann on web, 2, 6 of bob there, 1, 5, 9 of ann
// on phone, and 3, 7 of bob there.
func (d *desk) noteMixed() {
	d.Helper()
	for i := range 10 {
		d.noteOn([]string{"web", "phone"}[i%2], []string{"ann", "bob"}[i/2%2], fmt.Sprint(i))
	}
}

// pages lists what the filter lets through, limit events at a time, and checks that
// only the last page says that there is no more.
func (d *desk) pages(f journal.EventFilter, limit int) (all []channels.Event) {
	d.Helper()
	for after := int64(-1); ; {
		page := d.page(f, after, limit)
		all = append(all, page.Events...)
		if !page.More {
			return all
		}
		d.same("events of a page that is not the last", len(page.Events), limit)
		if page.Next <= after {
			d.Fatalf("cursor %d follows %d", page.Next, after)
		}
		after = page.Next
	}
}

var pageTests = map[string]func(*desk){
	"page: the filter lets its channel and sender through": func(d *desk) {
		d.noteMixed()
		for _, limit := range []int{1, 2, 3, 5, 10, 99} {
			d.same("all", ids(d.pages(journal.EventFilter{}, limit)), []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"})
			d.same("of web", ids(d.pages(journal.EventFilter{Channel: "web"}, limit)), []string{"0", "2", "4", "6", "8"})
			d.same("of ann on web", ids(d.pages(journal.EventFilter{Channel: "web", Sender: "ann"}, limit)), []string{"0", "4", "8"})
			d.same("of bob on phone", ids(d.pages(journal.EventFilter{Channel: "phone", Sender: "bob"}, limit)), []string{"3", "7"})
			d.same("of nobody", len(d.pages(journal.EventFilter{Channel: "web", Sender: "cat"}, limit)), 0)
		}
	},
	"page: it is full when there are just as many": func(d *desk) {
		d.noteMixed()
		for f, n := range map[journal.EventFilter]int{{}: 10, {Channel: "web"}: 5, {Channel: "web", Sender: "ann"}: 3} {
			page := d.page(f, 0, n)
			d.same("events and more", []any{len(page.Events), page.More}, []any{n, false})
			page = d.page(f, 0, n-1)
			d.same("events and more", []any{len(page.Events), page.More}, []any{n - 1, true})
		}
	},
	"page: lists what is above a cursor": func(d *desk) {
		d.noteMixed()
		es := d.kept()
		for i, e := range es {
			page := d.page(journal.EventFilter{}, e.Cursor, 99)
			d.same("events", len(page.Events), len(es)-i-1)
			d.same("next", page.Next, d.newest())
		}
		d.same("events", d.page(journal.EventFilter{}, es[0].Cursor-1, 99).Events, es)
	},
	"page: next moves on past what the filter does not let through": func(d *desk) {
		f := journal.EventFilter{Channel: "web", Sender: "cat"}
		d.noteMixed()
		page := d.page(f, -1, 2)
		d.same("page", page, journal.EventPage{Next: d.newest()})
		d.noteOn("web", "bob", "x")
		d.noteOn("web", "cat", "a")
		d.noteOn("phone", "cat", "y")
		page = d.page(f, page.Next, 2)
		d.same("events", ids(page.Events), []string{"a"})
		d.same("next", page.Next, d.newest())
		d.noteOn("web", "cat", "b")
		page = d.page(f, page.Next, 2)
		d.same("events", ids(page.Events), []string{"b"})
	},
	"page: next of one that is not the last skips nothing": func(d *desk) {
		d.noteMixed()
		f := journal.EventFilter{Channel: "web"}
		page := d.page(f, 0, 2)
		d.same("events", ids(page.Events), []string{"0", "2"})
		d.noteOn("web", "cat", "a")
		d.same("events", ids(d.page(f, page.Next, 9).Events), []string{"4", "6", "8", "a"})
	},
	"page: of an empty journal one goes on": func(d *desk) {
		for _, after := range []int64{-5, -1, 0} {
			page := d.page(journal.EventFilter{}, after, 9)
			d.same("events and more", []any{len(page.Events), page.More}, []any{0, false})
		}
		page := d.page(journal.EventFilter{}, -1, 9)
		d.note(came("ann", "1"))
		d.same("events", ids(d.page(journal.EventFilter{}, page.Next, 9).Events), []string{"1"})
	},
}
