package postgres

import (
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// readyQueues are the conversations whose first row was due when it was looked at, by their
// channel. They are taken from the channels in turns, so that a channel with many does not
// delay another's.
type readyQueues struct {
	byChannel map[string][]channels.Conversation
	// order holds the channels that have some, the one to take from first in front.
	order []string
	has   map[channels.Conversation]bool
}

func newReadyQueues() readyQueues {
	return readyQueues{byChannel: map[string][]channels.Conversation{}, has: map[channels.Conversation]bool{}}
}

// add adds a conversation. It reports false when its channel has as many as are remembered.
func (r *readyQueues) add(c channels.Conversation) bool {
	of := r.byChannel[c.Channel]
	switch {
	case r.has[c]:
		return true
	case len(of) >= maxReady:
		return false
	case len(of) == 0:
		r.order = append(r.order, c.Channel)
	}
	r.byChannel[c.Channel] = append(of, c)
	r.has[c] = true
	return true
}

// hasOf reports whether there are conversations of the channel.
func (r *readyQueues) hasOf(channel string) bool { return len(r.byChannel[channel]) > 0 }

// take takes out n conversations at most, and no more of a channel than free says.
func (r *readyQueues) take(n int, free func(channel string) int) (taken []channels.Conversation) {
	room := map[string]int{}
	for _, channel := range r.order {
		room[channel] = min(free(channel), len(r.byChannel[channel]))
	}
	for more := true; more; {
		more = false
		for _, channel := range r.order {
			if room[channel] > 0 && len(taken) < n {
				room[channel]--
				taken = append(taken, r.takeFirst(channel))
				more = true
			}
		}
	}
	r.order = slices.DeleteFunc(r.order, func(channel string) bool { return !r.hasOf(channel) })
	if len(r.order) > 1 {
		r.order = append(r.order[1:], r.order[0])
	}
	return taken
}

func (r *readyQueues) takeFirst(channel string) channels.Conversation {
	c := r.byChannel[channel][0]
	delete(r.has, c)
	if r.byChannel[channel] = r.byChannel[channel][1:]; len(r.byChannel[channel]) == 0 {
		delete(r.byChannel, channel)
	}
	return c
}
