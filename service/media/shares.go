package media

import (
	"context"
	"sync"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// What the journal keeps of one sender, and of one channel, at most. docs/media.md
// tells them.
var (
	senderShare  = journal.MediaUse{Count: 100, Bytes: 100 << 20}
	channelShare = journal.MediaUse{Count: 10_000, Bytes: 2 << 30}
)

var (
	errSenderShare = &channels.Error{
		Code: channels.CodeRateLimited, RetryAfter: instance.RetryAfter, Message: "too many media of this sender are kept",
	}
	errChannelShare = &channels.Error{
		Code: channels.CodeOverloaded, RetryAfter: instance.RetryAfter, Message: "too many media of this channel are kept",
	}
)

// shares keeps senders and channels to their shares.
type shares struct {
	store Store

	mu sync.Mutex
	// reserved are media that are let in and not counted by the journal yet. A conversation
	// without a sender is the channel.
	reserved map[channels.Conversation]journal.MediaUse
}

func newShares(s Store) *shares {
	return &shares{store: s, reserved: map[channels.Conversation]journal.MediaUse{}}
}

// reserve makes room for media. Release is called once the journal has stored them, or
// not. Without a sender only the channel's share counts.
func (s *shares) reserve(ctx context.Context, c channels.Conversation, more journal.MediaUse) (release func(), err error) {
	ofChannel, ofSender, err := s.store.MediaUse(ctx, c.Channel, c.Sender)
	if err != nil {
		return nil, err
	}
	whole := channels.Conversation{Channel: c.Channel}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case c.Sender != "" && exceeds(senderShare, ofSender, s.reserved[c], more):
		return nil, errSenderShare
	case exceeds(channelShare, ofChannel, s.reserved[whole], more):
		return nil, errChannelShare
	}
	s.add(c, whole, more)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.add(c, whole, journal.MediaUse{Count: -more.Count, Bytes: -more.Bytes})
	}, nil
}

// add changes what is reserved of a sender and of the channel.
func (s *shares) add(c, whole channels.Conversation, more journal.MediaUse) {
	changed := []channels.Conversation{whole}
	if c != whole {
		changed = append(changed, c)
	}
	for _, of := range changed {
		sum := sumOf(s.reserved[of], more)
		if s.reserved[of] = sum; sum == (journal.MediaUse{}) {
			delete(s.reserved, of)
		}
	}
}

// exceeds reports whether the uses together are more than the share.
func exceeds(share journal.MediaUse, uses ...journal.MediaUse) bool {
	sum := sumOf(uses...)
	return sum.Count > share.Count || sum.Bytes > share.Bytes
}

func sumOf(uses ...journal.MediaUse) (sum journal.MediaUse) {
	for _, u := range uses {
		sum.Count += u.Count
		sum.Bytes += u.Bytes
	}
	return sum
}
