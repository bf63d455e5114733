package instance_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/servicetest"
)

// A message's id is remembered as long as the type says, but for two days at least.
func TestInstanceWindow(t *testing.T) {
	t.Parallel()
	const least = 48 * time.Hour
	for _, c := range []struct{ window, want time.Duration }{{0, least}, {time.Hour, least}, {7 * 24 * time.Hour, 7 * 24 * time.Hour}} {
		t.Run(c.window.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.FakePlatform{}
				typ := p.Type()
				typ.Window = c.window
				s := servicetest.NewHarness(t, p, service.Config{Agent: servicetest.Echo(), Channels: servicetest.Channels(t, "chat: {type: platform}\n", typ)})
				s.Post(t, "chat", "ann", "hello")
				servicetest.Advance(c.want - time.Minute)
				s.Post(t, "chat", "ann", "hello")
				if n := len(s.Calls()); n != 1 {
					t.Errorf("%d calls within the window", n)
				}
				servicetest.Advance(2 * time.Minute)
				s.Post(t, "chat", "ann", "hello")
				if n := len(s.Calls()); n != 2 {
					t.Errorf("%d calls, want one more after the window", n)
				}
			})
		})
	}
}
