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
		want  []string
	}{
		"the same":         {"chat: {type: platform}\n", []string{"abcdef"}},
		"another instance": {"chat: {type: platform, on_failure: sorry}\n", []string{"abcdef"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &servicetest.StreamPlatform{}
				block := "chat: {type: platform}\n"
				var inUse *setup.Credentials
				load := func() (service.Setup, error) {
					b, err := config.Parse("credentials.yml", []byte(block), nil)
					if err != nil {
						return service.Setup{}, err
					}
					inUse, err = setup.ReloadCredentials(b, []channels.Type{p.Type()}, "", instance.NewLinks(""), slog.New(slog.DiscardHandler), inUse)
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
				block = c.block
				if _, err := s.Reload(t.Context()); err != nil {
					t.Fatal(err)
				}
				servicetest.Advance(time.Minute)
				if diff := cmp.Diff(c.want, p.Shown("chat", "ann")); diff != "" {
					t.Errorf("shown (-want +got):\n%s", diff)
				}
			})
		})
	}
}
