package memory

import (
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// knownMessage is what is kept of a message by its key.
type knownMessage struct {
	expires time.Time
	// digest is nil when the message was stored by Enqueue.
	digest []byte
	state  journal.State
	token  int64
	// replies are the events of the replies that the turn gave. forgotten says that some
	// of them were deleted.
	replies   []channels.Event
	forgotten bool
}

// expired reports whether the window has passed. The key of a turn that runs never
// expires.
func (k *knownMessage) expired(now time.Time) bool {
	return k.state != journal.StateRunning && !k.expires.After(now)
}

// deleteReplies deletes the replies that match.
func (k *knownMessage) deleteReplies(match func(channels.Event) bool) {
	n := len(k.replies)
	k.replies = slices.DeleteFunc(k.replies, match)
	k.forgotten = k.forgotten || len(k.replies) < n
}

// every matches all events.
func every(channels.Event) bool { return true }

// known returns it as the journal's caller sees it.
func (k *knownMessage) known() *journal.Known {
	known := &journal.Known{Digest: k.digest, State: k.state, Forgotten: k.forgotten}
	for _, e := range k.replies {
		known.Replies = append(known.Replies, e.Replies)
	}
	return known
}

// lookup returns what is known by a key whose window has not passed, nil when nothing is.
func (s *Store) lookup(k journal.Key) *knownMessage {
	known := s.keys[k]
	if known == nil || known.expired(time.Now()) {
		return nil
	}
	return known
}

// insertKey keeps the message's key for its window and reports whether the key is new.
func (s *Store) insertKey(e journal.Entry, now time.Time) bool {
	if s.lookup(e.Key()) != nil {
		return false
	}
	s.keys[e.Key()] = &knownMessage{expires: now.Add(e.Window)}
	return true
}
