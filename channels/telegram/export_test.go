package telegram

import (
	"time"

	"github.com/manyvox/manyvox/channels"
)

// MayEdit reports whether it is time for an edit.
func MayEdit(c channels.Channel, sender string) bool {
	return c.(streamer).mayEdit(sender, time.Now())
}
