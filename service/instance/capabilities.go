package instance

import (
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// Capabilities returns what a mounted channel can do, sorted: its roles and "rpc".
func (c *Config) Capabilities() []string {
	var list []string
	add := func(has bool, name string) {
		if has {
			list = append(list, name)
		}
	}
	_, closes := c.Channel.(channels.Closer)
	_, guarded := c.Channel.(channels.Guarded)
	_, limited := c.Channel.(channels.Limited)
	_, keys := c.Channel.(channels.Keyer)
	_, runs := c.Channel.(channels.Runner)
	_, mounts := c.Channel.(channels.Mounter)
	_, grows := c.Channel.(channels.Streamer)
	_, types := c.Channel.(channels.Typer)
	signs, _ := c.Channel.(channels.Signed)
	add(c.Addresser() != nil, "address")
	add(c.Chooses(), "choices")
	add(c.Webhook() != nil, "receive")
	add(closes, "close")
	add(limited, "limits")
	add(c.Fetches(), "media")
	add(mounts, "mount")
	add(guarded, "token")
	add(keys, "rate_key")
	add(runs, "run")
	add(c.Sends(), "send")
	add(signs != nil && signs.Signed(), "signed")
	add(grows, "stream")
	add(types, "typing")
	add(c.Type.RPC, "rpc")
	slices.Sort(list)
	return list
}
