package rpc_test

import (
	"errors"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/servicetest"
)

// phone is a channel type that knows the address of a sender that is a number.
func phone(p *servicetest.FakePlatform) channels.Type {
	return channels.Type{Name: "phone", New: func() channels.Config { return &phoneConfig{p} }}
}

type phoneConfig struct{ p *servicetest.FakePlatform }

func (*phoneConfig) Validate() error { return nil }

func (c *phoneConfig) Open(env channels.Env) (channels.Channel, error) {
	return &phoneChannel{c.p.Channel(env.Name)}, nil
}

type phoneChannel struct{ *servicetest.FakeChannel }

func (*phoneChannel) Address(sender string) (string, error) {
	if !strings.HasPrefix(sender, "+") {
		return "", errors.New(sender + " is no number")
	}
	return "tel:" + sender, nil
}

var _ channels.Addresser = (*phoneChannel)(nil)

// ears is a channel type that can only listen.
func ears() channels.Type {
	return channels.Type{Name: "ears", New: func() channels.Config { return &earsConfig{} }}
}

type earsConfig struct{}

func (*earsConfig) Validate() error { return nil }

func (*earsConfig) Open(channels.Env) (channels.Channel, error) { return channels.Webhook{}, nil }
