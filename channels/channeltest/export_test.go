package channeltest

import (
	"context"

	"github.com/manyvox/manyvox/channels"
)

// Failed returns the names of the checks that a type does not pass.
func Failed(typ channels.Type, good Case) (names []string) {
	for _, c := range checks() {
		if c.run(subject{typ, good.withDefaults()}) != nil {
			names = append(names, c.name)
		}
	}
	return names
}

// Run runs one case.
func (c Case) Run(channel channels.Channel) error { return c.run(context.Background(), channel) }
