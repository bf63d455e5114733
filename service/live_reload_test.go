package service_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/servicetest"
	"github.com/manyvox/manyvox/service/setup"
)

// A reply that grows during a reload goes on: with the instance that is in use by then, or as
// it is shown where that is none of a Streamer.
func TestReloadInMidGrowth(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		block string
		plain bool // the type is none of a Streamer by then
		want  []string
	}{
		"the same":         {block: "chat: {type: platform}\n", want: []string{"abcdef"}},
		"another instance": {block: "chat: {type: platform, on_failure: sorry}\n", want: []string{"abcdef"}},
		"another type":     {block: "chat: {type: other}\n", want: []string{"abc…"}},
		"no Streamer":      {block: "chat: {type: platform, on_failure: sorry}\n", plain: true, want: []string{"abc…"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, other, plain := &servicetest.StreamPlatform{}, &servicetest.StreamPlatform{}, &servicetest.FakePlatform{}
				types := []channels.Type{p.Type(), named("other", other.Type())}
				block := "chat: {type: platform}\n"
				var inUse *setup.Credentials
				load := func() (service.Setup, error) {
					b, err := config.Parse("credentials.yml", []byte(block), nil)
					if err != nil {
						return service.Setup{}, err
					}
					inUse, err = setup.ReloadCredentials(b, types, "", instance.NewLinks(""), slog.New(slog.DiscardHandler), inUse)
					if err != nil {
						return service.Setup{}, err
					}
					return service.Setup{Channels: inUse.Channels, KeepAgent: true, Limits: instance.DefaultLimits()}, nil
				}
				first, err := load()
				if err != nil {
					t.Fatal(err)
				}
				s := servicetest.NewStreamHarness(t, p, service.Config{
					Channels: first.Channels, Load: load, Agent: &servicetest.ScriptedAgent{Script: grows("a", "b", "c", "d", "e", "f")},
				})
				s.Post(t, "chat", "ann", "one")
				time.Sleep(2500 * time.Millisecond)
				if block = c.block; c.plain {
					types = []channels.Type{plain.Type()}
				}
				if _, err := s.Reload(t.Context()); err != nil {
					t.Fatal(err)
				}
				servicetest.Advance(time.Minute)
				if diff := cmp.Diff(c.want, p.Shown("chat", "ann")); diff != "" {
					t.Errorf("shown (-want +got):\n%s", diff)
				}
				if live, calls := other.Live(""), append(other.Calls(), plain.Calls()...); len(live)+len(calls) > 0 {
					t.Errorf("the reply went to another platform: %+v, %+v", live, calls)
				}
				if d, err := s.Journal.Depth(t.Context()); err != nil || d.Inbox+d.Outbox > 0 {
					t.Errorf("left: %+v, %v", d, err)
				}
			})
		})
	}
}
