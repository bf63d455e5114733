package instance

import (
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// Capabilities returns what a channel of a type can do, sorted: its roles and "rpc".
func Capabilities(t channels.Type, c channels.Channel) []string {
	var list []string
	add := func(has bool, name string) {
		if has {
			list = append(list, name)
		}
	}
	_, addresses := c.(channels.Addresser)
	_, guarded := c.(channels.Guarded)
	_, limited := c.(channels.Limited)
	_, keys := c.(channels.Keyer)
	_, runs := c.(channels.Runner)
	_, sends := c.(channels.Sender)
	_, mounts := c.(channels.Mounter)
	signs, _ := c.(channels.Signed)
	add(addresses, "address")
	add(c.Inbound(nil) != nil, "receive")
	add(limited, "limits")
	add(mounts, "mount")
	add(guarded, "token")
	add(keys, "rate_key")
	add(runs, "run")
	add(sends, "send")
	add(signs != nil && signs.Signed(), "signed")
	add(t.RPC, "rpc")
	slices.Sort(list)
	return list
}
