package slacktest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels/slack/slacktest"
)

// TestSocket says hello, sends an envelope and takes its acknowledgement. Nothing goes by HTTP.
func TestSocket(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, &app{}, func(t *testing.T, b bubble) {
		l := b.connect(t)
		if f := l.next(); f.Type != "hello" || b.Sockets() != 1 {
			t.Fatalf("%+v", f)
		}
		ts := b.Person(slacktest.Ina).Say("C1", "hi")
		f := l.next()
		if f.Type != "events_api" || f.Answers || f.Attempt != 0 || f.Payload.Event.Text != "hi" || f.Payload.Event.TS != ts {
			t.Fatalf("%+v", f)
		}
		if b.Pending() != 1 {
			t.Error("it is taken before it is acknowledged")
		}
		l.ack(t, "another", "")
		if l.ack(t, f.ID, ""); b.Pending() != 0 {
			t.Error("it is not taken")
		}
		if len(b.app.all()) != 0 {
			t.Error("it went by HTTP too")
		}
	})
}

// TestTicket works once, and only for ten sockets at a time.
func TestTicket(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, nil, func(t *testing.T, b bubble) {
		address := b.ticket(t)
		first, err := b.open(t, address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.open(t, address); err == nil {
			t.Error("a ticket worked twice")
		}
		for range 9 {
			b.connect(t)
		}
		synctest.Wait()
		if b.Sockets() != 10 {
			t.Fatalf("%d sockets", b.Sockets())
		}
		l := b.connect(t)
		if f := l.next(); f.Reason != "too_many_websockets" {
			t.Errorf("%+v", f)
		}
		if _, more := <-l.frames; more {
			t.Error("it is open")
		}
		first.conn.CloseNow()
		synctest.Wait()
		if f := b.connect(t).next(); f.Type != "hello" {
			t.Errorf("%+v", f)
		}
	})
}

// TestNoAck sends again what is not acknowledged, over whichever socket has its turn.
func TestNoAck(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, nil, func(t *testing.T, b bubble) {
		one, two := b.connect(t), b.connect(t)
		one.next()
		two.next()
		b.Person(slacktest.Ina).Say("C1", "hi")
		var seen []int
		var ids []string
		where := map[*line]int{}
		take := func() {
			for _, l := range []*line{one, two} {
				if f := l.next(); f.Type != "" {
					seen, ids = append(seen, f.Attempt), append(ids, f.ID)
					where[l]++
					if f.Attempt > 0 && f.RetryReason != "timeout" {
						t.Errorf("%+v", f)
					}
				}
			}
		}
		take()
		time.Sleep(3 * time.Second)
		take()
		time.Sleep(3*time.Second + time.Minute)
		take()
		if diff := cmp.Diff([]int{0, 1, 2}, seen); diff != "" || where[one] == 0 || where[two] == 0 {
			t.Errorf("%s, %v", diff, where)
		}
		one.ack(t, ids[2], "")
		if b.Pending() != 0 || b.Dropped() != 0 {
			t.Errorf("%d pending", b.Pending())
		}
	})
}

// TestWarning gives ten seconds, in which a second socket can be opened: nothing is dropped.
func TestWarning(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, nil, func(t *testing.T, b bubble) {
		old := b.connect(t)
		old.next()
		time.Sleep(time.Hour - 10*time.Second)
		if f := old.next(); f.Type != "disconnect" || f.Reason != "warning" {
			t.Fatalf("%+v", f)
		}
		next := b.connect(t)
		next.next()
		for range 2 { // both are sent to
			b.Person(slacktest.Ina).Say("C1", "hi")
			for _, l := range []*line{old, next} {
				if f := l.next(); f.ID != "" {
					l.ack(t, f.ID, "")
				}
			}
		}
		if b.Pending() != 0 || b.Sockets() != 2 {
			t.Errorf("%d pending, %d sockets", b.Pending(), b.Sockets())
		}
		time.Sleep(10 * time.Second)
		if f := old.next(); f.Reason != "refresh_requested" {
			t.Errorf("%+v", f)
		}
		if _, more := <-old.frames; more {
			t.Error("it is open")
		}
		synctest.Wait()
		if b.Sockets() != 1 {
			t.Errorf("%d sockets", b.Sockets())
		}
	})
}

// TestDisconnect ends the sockets at once.
func TestDisconnect(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"refresh_requested", "link_disabled"} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			inBubble(t, slacktest.Options{}, &app{}, func(t *testing.T, b bubble) {
				l := b.connect(t)
				l.next()
				b.Disconnect(reason)
				if f := l.next(); f.Reason != reason {
					t.Errorf("%+v", f)
				}
				if _, more := <-l.frames; more {
					t.Error("it is open")
				}
				b.Person(slacktest.Ina).Say("C1", "hi")
				synctest.Wait()
				if by, want := len(b.app.all()), map[string]int{"link_disabled": 1}[reason]; by != want {
					t.Errorf("%d by HTTP, want %d", by, want)
				}
			})
		})
	}
}

// TestCut delivers again what a broken network lost, once there is a socket again.
func TestCut(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, nil, func(t *testing.T, b bubble) {
		l := b.connect(t)
		l.next()
		b.Cut()
		synctest.Wait()
		if b.Sockets() != 0 {
			t.Fatal("it is open")
		}
		b.Person(slacktest.Ina).Say("C1", "hi")
		time.Sleep(4 * time.Second) // the first try found no socket, the second waits for one
		l = b.connect(t)
		l.next()
		f := l.next()
		if f.Attempt != 1 || f.Payload.Event.Text != "hi" {
			t.Fatalf("%+v", f)
		}
		l.ack(t, f.ID, "")
		if b.Pending() != 0 {
			t.Error("it is not taken")
		}
	})
}

// TestSocketCommand shows the payload of an acknowledgement.
func TestSocketCommand(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, nil, func(t *testing.T, b bubble) {
		l := b.connect(t)
		l.next()
		b.Person(slacktest.Ina).Command("C1", "/ask", "when")
		f := l.next()
		if f.Type != "slash_commands" || !f.Answers || f.Payload.Text != "when" {
			t.Fatalf("%+v", f)
		}
		l.ack(t, f.ID, `,"payload":{"text":"soon"}`)
		c := b.Chat("C1")
		if len(c.Messages) != 1 || c.Messages[0].Text != "soon" || c.Messages[0].OnlyFor != slacktest.Ina {
			t.Errorf("%+v", c.Messages)
		}
	})
}

// TestDebugLife shortens the life of a socket that asks for it.
func TestDebugLife(t *testing.T) {
	t.Parallel()
	inBubble(t, slacktest.Options{}, nil, func(t *testing.T, b bubble) {
		l, err := b.open(t, b.ticket(t)+"&debug_reconnects=true")
		if err != nil {
			t.Fatal(err)
		}
		l.next()
		time.Sleep(350 * time.Second)
		if f := l.next(); f.Reason != "warning" {
			t.Errorf("%+v", f)
		}
	})
}
