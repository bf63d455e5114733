package media

import (
	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// How many requests may have a medium in memory at once: 160 MiB of uploads, and as much of
// what is read.
const (
	maxUploads = 32
	maxReads   = 32
)

// places bound how many requests are served at once.
type places chan struct{}

// take takes a place, which leave gives back. It fails when there is none.
func (p places) take() error {
	select {
	case p <- struct{}{}:
		return nil
	default:
		return &channels.Error{
			Code: channels.CodeOverloaded, RetryAfter: instance.RetryAfter, Message: "too many media are on their way",
		}
	}
}

func (p places) leave() { <-p }
