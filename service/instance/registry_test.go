package instance_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/metrics"
	"github.com/manyvox/manyvox/service/servicetest"
)

// registry returns a registry of channels that cannot send, but for chat.
func registry(names ...string) *instance.Registry {
	var list []*instance.Instance
	m := metrics.New(metrics.Sources{})
	for _, name := range names {
		c := instance.Config{Name: name, Channel: channels.Webhook{}}
		if name == "chat" {
			c.Channel = new(servicetest.FakePlatform).Channel(name)
		}
		list = append(list, instance.New(c, m))
	}
	return instance.NewRegistry(list)
}

func TestRegistryFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		names []string
		find  string
		want  string // the error; "" means that it is found
	}{
		{"there", []string{"rest", "chat"}, "chat", ""},
		{"a slip", []string{"rest", "chat"}, "caht", `no channel "caht" in credentials.yml; did you mean chat?`},
		{"another", []string{"rest", "chat"}, "weather", `no channel "weather" in credentials.yml; there are: chat, rest`},
		{"none at all", nil, "rest", `no channel "rest" in credentials.yml`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in, err := registry(c.names...).Find(c.find)
			if c.want == "" {
				if err != nil || in.Name != c.find {
					t.Errorf("%v, %v", in, err)
				}
				return
			}
			var e *channels.Error
			if !errors.As(err, &e) || e.Code != channels.CodeNotFound || e.Message != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestRegistryKeepsTheOrder(t *testing.T) {
	t.Parallel()
	r := registry("rest", "chat", "api")
	var names []string
	for _, in := range r.All() {
		names = append(names, in.Name)
	}
	if diff := cmp.Diff([]string{"rest", "chat", "api"}, names); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"chat"}, r.Senders()); diff != "" {
		t.Errorf("senders (-want +got):\n%s", diff)
	}
}
