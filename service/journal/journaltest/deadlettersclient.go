package journaltest

import (
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

// deadLettersClient makes dead letters, checks which there are, and replays them.
type deadLettersClient struct {
	*store
	// inbox has the messages whose turns fail.
	inbox inboxClient
}

// add stores messages of ann's and lets their turns fail, which makes them dead letters.
func (c deadLettersClient) add(ids ...string) {
	c.Helper()
	for _, id := range ids {
		c.inbox.enqueueNew("ann", id)
		c.inbox.end(c.inbox.next(id).Claim, journal.OutcomeFailed)
	}
}

// addOn is add for one message on another channel.
func (c deadLettersClient) addOn(channel, id string) {
	c.Helper()
	m := message("ann", id)
	m.Channel = channel
	c.inbox.enqueue(m)
	c.inbox.end(c.inbox.next(id).Claim, journal.OutcomeFailed)
}

// want returns all dead letters, after it has checked that they are those of the messages
// and parts with the ids, in this order.
func (c deadLettersClient) want(ids ...string) []journal.DeadLetter {
	c.Helper()
	return c.wantOf("", ids...)
}

// wantOf is want of one channel.
func (c deadLettersClient) wantOf(channel string, ids ...string) []journal.DeadLetter {
	c.Helper()
	list, err := c.DeadLetters(c.Context(), channel, 0, 100)
	if err != nil {
		c.Fatalf("DeadLetters: %v", err)
	}
	var got []string
	for _, l := range list {
		if l.Message != nil {
			got = append(got, l.Message.ID)
		} else {
			got = append(got, l.Part.ID)
		}
	}
	c.equal("dead letters", got, ids)
	return list
}

// wantExpired checks that these messages and parts are the dead letters, in this order, and
// that all are of KindExpired.
func (c deadLettersClient) wantExpired(ids ...string) []journal.DeadLetter {
	c.Helper()
	list := c.want(ids...)
	for _, d := range list {
		c.equal("kind", d.Kind, journal.KindExpired)
		c.equal("reason", d.Reason, journal.ReasonExpired)
		if age := time.Since(d.Died); age < 0 || age > time.Minute {
			c.Errorf("it became a dead letter %v ago", age)
		}
	}
	return list
}

// replay puts dead letters back into their queues; all must be known.
func (c deadLettersClient) replay(list ...journal.DeadLetter) {
	c.Helper()
	ids := make([]int64, len(list))
	for i, l := range list {
		ids[i] = l.ID
	}
	n, err := c.Replay(c.Context(), ids...)
	if err != nil || n != len(ids) {
		c.Fatalf("Replay puts back %d of %d, error %v", n, len(ids), err)
	}
}
