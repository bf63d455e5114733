package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

var forgetLineTests = map[string]func(*desk){
	"forget: takes what waits in the inbox, and later messages come": func(d *desk) {
		d.put("ann", "1", "2")
		d.put("bob", "b")
		d.forget()
		d.depth(journal.Depth{Inbox: 1})
		d.next("b")
		d.noNext()
		d.put("ann", "3")
		d.inOrder("3")
	},
	"forget: takes what waits for its channel": func(d *desk) {
		d.OpenInbox("phone")
		d.put("ann", "1")
		d.push("p", "a")
		d.forget()
		d.depth(journal.Depth{})
		d.OpenInbox("web")
		d.OpenOutbox("web")
		d.noNext()
		d.noPart()
	},
	"forget: a claim is lost, and later messages need not wait for it": func(d *desk) {
		d.put("ann", "1", "2")
		old := d.next("1").Claim
		d.forget()
		d.fenced(old)
		d.put("ann", "3")
		turn := d.next("3")
		d.fenced(old)
		if turn.Row <= old.Row || turn.Token <= old.Token {
			d.Errorf("claim %+v follows %+v", turn.Claim, old)
		}
		d.end(turn.Claim, journal.OutcomeDone)
		d.depth(journal.Depth{})
	},
	"forget: takes a head that backs off": func(d *desk) {
		d.put("ann", "1", "2")
		d.retry(d.next("1").Claim, time.Hour)
		d.forget()
		d.put("ann", "3")
		d.end(d.next("3").Claim, journal.OutcomeDone)
		time.Sleep(2 * time.Hour)
		d.noNext()
	},
	"forget: callers that wait stay, and the first of them is first": func(d *desk) {
		d.put("ann", "1")
		one := d.join(d.Context(), 9)
		d.put("ann", "2")
		two := d.join(d.Context(), 9)
		old := d.next("1").Claim
		d.waits(one)
		d.forget()
		d.fenced(old)
		leave := d.first(one)
		d.waits(two)
		d.put("ann", "3")
		d.noNext()
		leave()
		d.first(two)()
		d.inOrder("3")
	},
	"forget: a caller behind a head that backs off is first": func(d *desk) {
		d.put("ann", "1")
		d.retry(d.next("1").Claim, time.Hour)
		behind := d.join(d.Context(), 9)
		d.forget()
		d.first(behind)()
	},
	"forget: a caller that is first stays so": func(d *desk) {
		leave := d.first(d.join(d.Context(), 9))
		behind := d.join(d.Context(), 9)
		d.put("ann", "1")
		d.forget()
		d.waits(behind)
		leave()
		d.first(behind)()
		d.noNext()
	},
	"forget: takes what waits in the outbox, and later parts come": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a", "b")
		old := d.nextPart("a").Claim
		d.settlePart(old, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
		d.forget()
		d.push("2", "c")
		d.sent("c")
		time.Sleep(2 * time.Hour)
		d.noPart()
		d.depth(journal.Depth{})
	},
	"forget: a claim of a part is lost, and later parts need not wait for it": func(d *desk) {
		d.OpenOutbox("web")
		d.push("1", "a", "b")
		old := d.nextPart("a").Claim
		d.forget()
		d.fencedPart(old)
		d.push("2", "c")
		delivery := d.nextPart("c")
		d.fencedPart(old)
		d.settlePart(delivery.Claim, journal.PartOutcome{Sent: true})
		d.dead()
		d.depth(journal.Depth{})
	},
	"forget: of a conversation that never was deletes nothing": func(d *desk) {
		d.put("bob", "1")
		n, err := d.Forget(d.Context(), channels.Conversation{Channel: "phone", Sender: "bob"})
		d.is("Forget", err, nil)
		d.same("deleted", n, 0)
		d.next("1")
	},
}
