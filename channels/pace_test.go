package channels_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := channels.NewPace(4 * time.Second)
		var at []time.Duration
		began := time.Now()
		for range 90 {
			if p.Take("a") {
				at = append(at, time.Since(began))
			}
			time.Sleep(100 * time.Millisecond)
		}
		if diff := cmp.Diff([]time.Duration{0, 4 * time.Second, 8 * time.Second}, at); diff != "" {
			t.Error(diff)
		}
		if !p.Take("b") || p.Take("a") {
			t.Error("keys wait for each other")
		}
	})
}
