package instance_test

import (
	"sync"
	"testing"

	"github.com/manyvox/manyvox/service/instance"
)

// ended reports whether the last user has left.
func ended(u *instance.Uses) bool {
	select {
	case <-u.Ended():
		return true
	default:
		return false
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	u := instance.NewUses()
	if !u.Enter() || !u.EnterLate() {
		t.Fatal("nobody is let in before Retire")
	}
	u.Leave()
	u.Retire()
	if u.Enter() {
		t.Error("Enter lets somebody in after Retire")
	}
	if !u.EnterLate() {
		t.Error("EnterLate lets nobody in although one is left")
	}
	u.Leave()
	if ended(u) {
		t.Error("ended although one is left")
	}
	u.Leave()
	if !ended(u) || u.Enter() || u.EnterLate() {
		t.Error("not ended when the last one has left")
	}
}

func TestUsesOfNobody(t *testing.T) {
	t.Parallel()
	u := instance.NewUses()
	u.Retire()
	if !ended(u) {
		t.Error("not ended although nobody had entered")
	}
}

// However they come and go, nobody is in when it has ended.
func TestUsesSideBySide(t *testing.T) {
	t.Parallel()
	for range 100 {
		u := instance.NewUses()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 100 {
					if !u.Enter() {
						return
					}
					if ended(u) {
						t.Error("ended although one is in")
					}
					u.Leave()
				}
			})
		}
		wg.Go(u.Retire)
		wg.Wait()
		if !ended(u) {
			t.Fatal("not ended when all have left")
		}
	}
}
