package clients_test

import (
	"context"
	"testing"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// slowAgent says a reply and a half, and the rest once it is released.
func slowAgent(turns *asked, release <-chan struct{}) agents.Agent {
	return agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		turns.add(turn.Message.ID)
		for _, say := range []func() error{
			func() error { return r.Delta(ctx, "One") },
			func() error { return r.Delta(ctx, ".") },
			func() error { return r.Reply(ctx, channels.Reply{Text: "One."}) },
			func() error { return r.Delta(ctx, "Tw") },
			func() error { <-release; return r.Delta(ctx, "o.") },
			func() error { return r.Reply(ctx, channels.Reply{Text: "Two."}) },
			func() error { return r.Reply(ctx, channels.Reply{Text: "Three."}) },
		} {
			if err := say(); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkCut cuts the network in the middle of a stream, which is joined while the turn still runs.
func checkCut(t *testing.T, c client) {
	var turns asked
	release := make(chan struct{})
	p := start(t, slowAgent(&turns, release))
	n := newNetwork(t, p.addr)
	made := c.call(t, n.url(), "stream", `{"sender": "ann", "message": "hi"}`)
	made.expect("delta 1 One", "delta 1 .", "reply 1 One.", "delta 2 Tw")
	for range 3 {
		n.cut()
		n.mend(p.addr)
		n.toClient.await(t, "Tw", 1) // the repeat begins with what was given
	}
	close(release)
	made.expectEnd("delta 2 o.", "reply 2 Two.", "reply 3 Three.", "done")
	turns.check(t, 1)
}

// checkCutToTheEnd cuts the network until the turn is over.
func checkCutToTheEnd(t *testing.T, c client) {
	var turns asked
	release := make(chan struct{})
	p := start(t, slowAgent(&turns, release))
	n := newNetwork(t, p.addr)
	made := c.call(t, n.url(), "stream", `{"sender": "ann", "message": "hi"}`)
	made.expect("delta 1 One", "delta 1 .", "reply 1 One.", "delta 2 Tw")
	n.cut()
	close(release)
	// The next message of the conversation is answered when this one is.
	c.call(t, "http://"+p.addr, "receive", `{"sender": "ann", "message": "next"}`).expectEnd("replies One.|Two.|Three.", "done")
	n.mend(p.addr)
	made.expectEnd("reply 2 Two.", "reply 3 Three.", "done")
}

// checkCutUnary cuts the network while a call waits for all replies.
func checkCutUnary(t *testing.T, c client) {
	var turns asked
	begun, release := make(chan struct{}, 1), make(chan struct{})
	p := start(t, agents.Func(func(ctx context.Context, turn agents.Turn, r channels.Replier) error {
		turns.add(turn.Message.ID)
		begun <- struct{}{}
		<-release
		return r.Reply(ctx, channels.Reply{Text: "at last"})
	}))
	n := newNetwork(t, p.addr)
	made := c.call(t, n.url(), "receive", `{"message": "hi"}`)
	await(t, begun)
	n.cut()
	n.mend(p.addr)
	close(release)
	made.expectEnd("replies at last", "done")
	turns.check(t, 1)
}

// checkLeave has callers go away from turns that do not end by themselves.
func checkLeave(t *testing.T, c client) {
	release := make(chan struct{})
	p := start(t, agents.Func(func(ctx context.Context, _ agents.Turn, r channels.Replier) error {
		if err := r.Delta(ctx, "begun"); err != nil {
			return err
		}
		<-release
		return nil
	}))
	c.call(t, "http://"+p.addr, "leave", `{"message": "hi", "messageId": "m1"}`).expectEnd("delta 1 begun", "delta 1 begun", "done")
	close(release) // the turn of a message with an id goes on without its caller
}

// checkSubscribe cuts the network of a subscription. What was pushed meanwhile comes when it is
// resumed, and each once.
func checkSubscribe(t *testing.T, c client) {
	p := start(t, agents.Func(func(context.Context, agents.Turn, channels.Replier) error { return nil }))
	n := newNetwork(t, p.addr)
	p.push(t, "m0", "before")
	made := c.call(t, n.url(), "subscribe", `{"sender": "ann", "after": "oldest"}`)
	made.expect("said m0 before")
	p.push(t, "m1", "while it listens")
	made.expect("said m1 while it listens")
	n.cut()
	p.push(t, "m2", "one")
	p.push(t, "m3", "two")
	p.push(t, "m4", "three")
	n.mend(p.addr)
	made.expect("said m2 one", "said m3 two", "said m4 three")
	p.push(t, "m5", "after")
	made.expect("said m5 after")
}
