package turn

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// hasEnded reports whether the goroutine of a call has been told to end.
func hasEnded(c *call) bool {
	select {
	case <-c.turns:
		return true
	default:
		return false
	}
}

// No more goroutines wait than are needed; all end when it is closed, or later.
func TestIdleCalls(t *testing.T) {
	t.Parallel()
	var idle idleCalls
	if idle.take() != nil {
		t.Error("takes a call when there is none")
	}
	var all []*call
	for range maxIdleCalls + 4 {
		c := &call{turns: make(chan callTurn)}
		all = append(all, c)
		idle.put(c)
	}
	for i, c := range all {
		if got, want := hasEnded(c), i >= maxIdleCalls; got != want {
			t.Errorf("call %d ended: %t, want %t", i, got, want)
		}
	}
	busy := idle.take()
	if busy != all[maxIdleCalls-1] {
		t.Error("takes another than the last")
	}
	idle.close()
	for i, c := range all {
		if got, want := hasEnded(c), c != busy; got != want {
			t.Errorf("once it is closed call %d ended: %t, want %t", i, got, want)
		}
	}
	if idle.put(busy); !hasEnded(busy) || idle.take() != nil {
		t.Error("a call is kept after the close")
	}
}

// Goroutines that are not needed end after a while, also when nobody closes it.
func TestIdleCallsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var idle idleCalls
		var all []*call
		for range 4 {
			all = append(all, &call{turns: make(chan callTurn)})
			idle.put(all[len(all)-1])
		}
		var ended []int
		for range 8 {
			if c := idle.take(); c != nil && len(ended) < 3 {
				idle.put(c) // the last is needed
			}
			time.Sleep(idleTime)
			synctest.Wait()
			n := 0
			for _, c := range all {
				if hasEnded(c) {
					n++
				}
			}
			ended = append(ended, n)
		}
		if got := fmt.Sprint(ended); got != "[0 3 3 3 3 3 3 3]" {
			t.Errorf("after each pause so many have ended: %s", got)
		}
	})
}
