package journaltest

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// part returns a part for the sender on channel "web", whose text is its id.
func part(sender, id string) channels.Part {
	return channels.Part{Channel: "web", Sender: sender, ID: id, Reply: channels.Reply{Text: id}}
}

// pushOf returns a push to ann without events, whose digest depends on its id alone.
func pushOf(id string, parts ...string) journal.Push {
	p := journal.Push{Key: keyOf("ann", id), Digest: []byte("digest of " + id), Window: window}
	for _, name := range parts {
		p.Parts = append(p.Parts, part("ann", name))
	}
	return p
}

// outboxClient stores parts in the outbox and sends them.
type outboxClient struct {
	consumer[journal.Delivery]
	// inbox has the messages whose turns store parts.
	inbox inboxClient
}

func newOutboxClient(s *store, inbox inboxClient) outboxClient {
	return outboxClient{consumer[journal.Delivery]{
		store: s, call: "NextPart", row: "part",
		claim: func(ctx context.Context) (journal.Delivery, error) { return s.NextPart(ctx) },
		id:    func(d *journal.Delivery) string { return d.Part.ID },
	}, inbox}
}

// storeParts stores parts for the sender through a turn of their own, which then is done.
func (c outboxClient) storeParts(sender string, ids ...string) {
	c.Helper()
	c.inbox.enqueueNew(sender, "for "+ids[0])
	step := journal.Step{End: &journal.End{Outcome: journal.OutcomeDone}}
	for _, id := range ids {
		step.Parts = append(step.Parts, part(sender, id))
	}
	c.inbox.settle(c.inbox.next("for "+ids[0]).Claim, step)
}

// storePartOn is storeParts for one part on another channel.
func (c outboxClient) storePartOn(channel, sender, id string) {
	c.Helper()
	m, p := message(sender, "for "+id), part(sender, id)
	m.Channel, p.Channel = channel, channel
	c.inbox.enqueue(m)
	c.inbox.settle(c.inbox.next(m.ID).Claim, journal.Step{
		Parts: []channels.Part{p}, End: &journal.End{Outcome: journal.OutcomeDone},
	})
}

// pushParts pushes parts to ann, under a key that must be new.
func (c outboxClient) pushParts(id string, parts ...string) {
	c.Helper()
	c.pushNew(pushOf(id, parts...))
}

// pushNew pushes under a key that must be new.
func (c outboxClient) pushNew(p journal.Push) {
	c.Helper()
	known, err := c.Push(c.Context(), p)
	if err != nil || known != nil {
		c.Fatalf("Push of %s returns %+v, error %v; want it to be new", p.Key.ID, known, err)
	}
}

// pushKnown pushes under a key that must be known, and returns what is known of it.
func (c outboxClient) pushKnown(p journal.Push) journal.Known {
	c.Helper()
	known, err := c.Push(c.Context(), p)
	if err != nil || known == nil {
		c.Fatalf("Push of %s returns %+v, error %v; want it to be known", p.Key.ID, known, err)
	}
	return normalize(*known)
}

// sendInOrder checks that these parts come next, one at a time, and settles them as sent.
func (c outboxClient) sendInOrder(ids ...string) {
	c.Helper()
	for _, id := range ids {
		delivery := c.next(id)
		c.wantNone()
		c.settle(delivery.Claim, journal.PartOutcome{Sent: true})
	}
	c.wantNone()
}

// settle commits the outcome of one attempt to send a part.
func (c outboxClient) settle(claim journal.Claim, o journal.PartOutcome) {
	c.Helper()
	if err := c.SettlePart(c.Context(), claim, o); err != nil {
		c.Fatalf("SettlePart: %v", err)
	}
}

// postpone puts a claimed part back for an hour.
func (c outboxClient) postpone(claim journal.Claim) {
	c.Helper()
	c.settle(claim, journal.PartOutcome{Retry: time.Now().Add(time.Hour)})
}

// wantFenced checks that the claim of a part can be settled in no way.
func (c outboxClient) wantFenced(claim journal.Claim) {
	c.Helper()
	for _, o := range []journal.PartOutcome{
		{Sent: true}, {Dead: true}, {Counts: true, Retry: time.Now().Add(time.Hour)},
	} {
		c.wantErr("SettlePart", c.SettlePart(c.Context(), claim, o), journal.ErrFenced)
	}
}

// wake says that the conversation's reader is connected.
func (c outboxClient) wake(of channels.Conversation) {
	c.Helper()
	c.wantErr("Wake", c.Wake(c.Context(), of), nil)
}

// gone says that the conversation's reader has left.
func (c outboxClient) gone(of channels.Conversation) {
	c.Helper()
	c.wantErr("Gone", c.Gone(c.Context(), of), nil)
}

// wantAddress checks the address of a conversation; "unknown" means that there is none.
func (c outboxClient) wantAddress(of channels.Conversation, want string) {
	c.Helper()
	at, known, err := c.Address(c.Context(), of)
	c.wantErr("Address", err, nil)
	if !known {
		c.equal("unknown address", at, "")
		at = "unknown"
	}
	c.equal("address", at, want)
}
