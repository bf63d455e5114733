package instance_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// fakePresence knows who is here. Each call takes a while.
type fakePresence struct {
	mu   sync.Mutex
	here map[channels.Conversation]bool
}

func (p *fakePresence) set(c channels.Conversation, here bool) error {
	time.Sleep(time.Millisecond)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.here == nil {
		p.here = map[channels.Conversation]bool{}
	}
	p.here[c] = here
	return nil
}

func (p *fakePresence) Wake(_ context.Context, c channels.Conversation) error { return p.set(c, true) }
func (p *fakePresence) Gone(_ context.Context, c channels.Conversation) error { return p.set(c, false) }

// However subscribers come and go, the last that is reported of a conversation is true.
func TestEdge08_15_SubscribersReportWhoIsHere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		presence := &fakePresence{}
		s := instance.NewSubscribers(presence)
		var all sync.WaitGroup
		stays := map[int]bool{}
		for i := range 30 {
			c := channels.Conversation{Channel: "rest", Sender: fmt.Sprint(i % 5)}
			stay := i%5 == 3 && i > 20
			stays[i%5] = stays[i%5] || stay
			all.Go(func() {
				time.Sleep(time.Duration(rand.N(10)) * time.Millisecond)
				one, err := s.Join(t.Context(), c)
				if err != nil {
					t.Error(err)
					return
				}
				if !stay {
					time.Sleep(time.Duration(rand.N(10)) * time.Millisecond)
					s.Leave(t.Context(), one)
				}
			})
		}
		all.Wait()
		for i := range 5 {
			if here := presence.here[channels.Conversation{Channel: "rest", Sender: fmt.Sprint(i)}]; here != stays[i] {
				t.Errorf("sender %d is here: %v, want %v", i, here, stays[i])
			}
		}
	})
}

// A part for a subscriber that is busy waits for it a second, not longer, and the subscriber
// learns that it missed one.
func TestEdge08_15_BusySubscriber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := instance.NewSubscribers(&fakePresence{})
		send := func() error {
			_, err := s.Send(t.Context(), channels.Part{Channel: "rest", Sender: "ann", ID: "p"})
			return err
		}
		absent := func(err error) bool {
			var e *channels.SendError
			return errors.As(err, &e) && e.Class == channels.SendAbsent
		}
		if err := send(); !absent(err) {
			t.Errorf("nobody is there: %v", err)
		}
		busy, err := s.Join(t.Context(), channels.Conversation{Channel: "rest", Sender: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Leave(t.Context(), busy)
		began := time.Now()
		if err := send(); !absent(err) || time.Since(began) > time.Second || !busy.Missed() || busy.Missed() {
			t.Errorf("a busy one: %v after %v", err, time.Since(began))
		}
		reads, err := s.Join(t.Context(), channels.Conversation{Channel: "rest", Sender: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Leave(t.Context(), reads)
		go func() { (<-reads.Parts()).Answer(true) }()
		if err := send(); err != nil {
			t.Errorf("one of two takes it: %v", err)
		}
	})
}
