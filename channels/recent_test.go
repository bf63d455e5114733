package channels_test

import (
	"sync"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

func TestRecent(t *testing.T) {
	t.Parallel()
	r := channels.NewRecent[int, string](3)
	if _, known := r.Get(1); known {
		t.Error("it knows what it was not told")
	}
	for i := range 7 {
		r.Put(i, "old")
		r.Put(i, "new")
		for back := range min(i+1, 3) {
			if got, known := r.Get(i - back); !known || got != "new" {
				t.Errorf("after %d: %d is %q, %v", i, i-back, got, known)
			}
		}
	}
	known := 0
	for i := range 7 {
		if _, ok := r.Get(i); ok {
			known++
		}
	}
	if known > 6 {
		t.Errorf("%d are known, want at most twice 3", known)
	}
}

func TestRecentForgets(t *testing.T) {
	t.Parallel()
	r := channels.NewRecent[int, int](10)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 1000 {
				r.Put(w*1000+i, i)
				r.Get(i)
			}
		})
	}
	all.Wait()
	known := 0
	for i := range 4000 {
		if _, ok := r.Get(i); ok {
			known++
		}
	}
	if known < 10 || known > 20 {
		t.Errorf("%d are known, want 10 to 20", known)
	}
}
