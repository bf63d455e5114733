package journal

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Paused is a conversation that a human has taken over: its messages are recorded, and not
// answered.
type Paused struct {
	channels.Conversation
	// Reason is the operator's own, for people; it may be empty.
	Reason string
	// Since is when it was paused first.
	Since time.Time
}

// PausedConversations is the part of a Journal that knows which conversations are paused. That
// stands until it is resumed or forgotten; it is never swept. What begins after
// PauseConversation or ResumeConversation has returned, in whatever process, knows of it:
// Turn.Paused of a message that Next gives out, and Lock.Paused of a caller of Acquire. Both are
// as of when the message was claimed or the lock given.
type PausedConversations interface {
	// PauseConversation pauses a conversation, which need not have been heard of yet, and
	// reports whether it was not paused before. Of one that was it replaces the reason.
	PauseConversation(ctx context.Context, p Paused) (fresh bool, err error)

	// ResumeConversation ends the pause, and reports whether there was one.
	ResumeConversation(ctx context.Context, c channels.Conversation) (was bool, err error)

	// IsPaused reports whether a conversation is paused now.
	IsPaused(ctx context.Context, c channels.Conversation) (bool, error)

	// Paused returns how many conversations are paused, counted up to a million, and no more of them than limit, the
	// newest first.
	Paused(ctx context.Context, limit int) (newest []Paused, count int, err error)
}

// PausedSet is the conversations that are paused, as a store of one process has them in
// memory. Its methods may be called concurrently. To ask it costs nothing while it is empty.
type PausedSet struct {
	count atomic.Int64
	mu    sync.RWMutex
	all   map[channels.Conversation]Paused
}

// Has reports whether a conversation is paused.
func (s *PausedSet) Has(c channels.Conversation) bool {
	if s.count.Load() == 0 {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, paused := s.all[c]
	return paused
}

// Add pauses a conversation, and reports whether it was not paused before. One that was keeps
// its Since.
func (s *PausedSet) Add(p Paused) (fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, paused := s.all[p.Conversation]
	if paused {
		p.Since = was.Since
	}
	if s.all == nil {
		s.all = map[channels.Conversation]Paused{}
	}
	s.all[p.Conversation] = p
	s.count.Store(int64(len(s.all)))
	return !paused
}

// Remove resumes a conversation, and reports whether it was paused.
func (s *PausedSet) Remove(c channels.Conversation) (was bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, was = s.all[c]
	delete(s.all, c)
	s.count.Store(int64(len(s.all)))
	return was
}

// Newest returns what Paused does.
func (s *PausedSet) Newest(limit int) (newest []Paused, count int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	newest = slices.SortedFunc(maps.Values(s.all), func(a, b Paused) int {
		return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Sender, b.Sender))
	})
	return newest[:min(limit, len(newest))], len(s.all)
}
