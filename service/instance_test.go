package service_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service"
)

// An id is remembered as long as the type says, and two days at least.
func TestInstanceWindow(t *testing.T) {
	t.Parallel()
	const least = 48 * time.Hour
	for _, c := range []struct{ window, want time.Duration }{{0, least}, {time.Hour, least}, {7 * 24 * time.Hour, 7 * 24 * time.Hour}} {
		t.Run(c.window.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &platform{}
				typ := p.typ()
				typ.Window = c.window
				s := perform(t, p, service.Config{Agent: parrot(), Channels: instances(t, "chat: {type: platform}\n", typ)})
				s.post(t, "chat", "ann", "hello")
				pass(c.want - time.Minute)
				s.post(t, "chat", "ann", "hello")
				if n := len(s.all()); n != 1 {
					t.Errorf("%d calls within the window", n)
				}
				pass(2 * time.Minute)
				s.post(t, "chat", "ann", "hello")
				if n := len(s.all()); n != 2 {
					t.Errorf("%d calls, want one more after the window", n)
				}
			})
		})
	}
}

func TestInstanceShowsItsLimits(t *testing.T) {
	t.Parallel()
	p := &platform{}
	typ := paced(p, channels.Limits{})
	got := instances(t, "chat: {type: paced}\n", typ)[0].Capabilities()
	if want := []string{"limits", "receive", "send"}; !slices.Equal(got, want) {
		t.Errorf("capabilities %q, want %q", got, want)
	}
}
