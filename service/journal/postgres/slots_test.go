//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// 600 conversations of a channel that hangs, stored before, delay no part of another: they
// have its slots only, whatever the number of consumers.
func TestHungChannelDelaysNoOther(t *testing.T) {
	t.Parallel()
	for name, poll := range map[string]time.Duration{
		"with polling": 50 * time.Millisecond, "without polling": time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := longLease()
			options.Poll = poll
			s := openReplica(t, newDatabase(t), options)
			const hung, slots, consumers = 600, 4, 6
			for n := range hung {
				push(t, s, channels.Conversation{Channel: "hung", Sender: fmt.Sprint(n)}, fmt.Sprint("h", n))
			}
			push(t, s, bob, "1")
			s.OpenOutbox(map[string]int{"hung": slots, "web": slots})
			got := make(chan journal.Delivery, consumers)
			ctx, cancel := context.WithTimeout(t.Context(), promptly)
			defer cancel()
			for range consumers {
				go func() {
					if d, err := s.NextPart(ctx); err == nil {
						got <- d
					}
				}()
			}
			claimed := map[string]int{}
			var last journal.Delivery
			for range slots + 1 {
				d := receive(t, got)
				if claimed[d.Part.Channel]++; d.Part.Channel == "hung" {
					last = d
				}
			}
			if claimed["hung"] != slots || claimed["web"] != 1 {
				t.Errorf("claimed are %v", claimed)
			}
			push(t, s, channels.Conversation{Channel: "web", Sender: "ann"}, "2")
			if d := receive(t, got); d.Part.ID != "2" {
				t.Errorf("claimed is %s, want 2", d.Part.ID)
			}
			settlePart(t, s, last, sentPart) // its slot is free
			if d, err := s.NextPart(ctx); err != nil || d.Part.Channel != "hung" {
				t.Errorf("claimed is %s of %s, error %v", d.Part.ID, d.Part.Channel, err)
			}
		})
	}
}

func receive(t *testing.T, got <-chan journal.Delivery) journal.Delivery {
	t.Helper()
	select {
	case d := <-got:
		return d
	case <-time.After(promptly):
		t.Fatal("no part comes")
		return journal.Delivery{}
	}
}
