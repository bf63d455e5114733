package journaltest

import "github.com/manyvox/manyvox/channels"

// Slots opens channels with the slots that each has where its Limits say nothing.
func Slots(names ...string) map[string]int {
	slots := map[string]int{}
	for _, name := range names {
		slots[name] = channels.DefaultConcurrent
	}
	return slots
}
