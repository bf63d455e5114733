package servicetest

import (
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// ChoosingChannel is a FakeChannel without buttons: it lists them by number.
type ChoosingChannel struct{ *FakeChannel }

// Fit makes a part without buttons.
func (ChoosingChannel) Fit(p channels.Part) []channels.Part {
	return []channels.Part{channels.ListChoices(p)}
}

// Chooses returns true.
func (ChoosingChannel) Chooses() bool { return true }

// ChoosingChannels returns the configs of channels of that kind.
func (p *FakePlatform) ChoosingChannels(names ...string) (list []*instance.Config) {
	for _, name := range names {
		list = append(list, &instance.Config{
			Name: name, InputChannel: name, Type: channels.Type{Name: "choosing"}, Channel: ChoosingChannel{p.Channel(name)},
		})
	}
	return list
}

var _ channels.Chooser = ChoosingChannel{}
