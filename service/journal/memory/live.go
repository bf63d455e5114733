package memory

import (
	"context"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// beginPart puts a live part at the end of its conversation's outbox; nil is none.
func (s *Store) beginPart(p *channels.Part) {
	if p == nil {
		return
	}
	s.lastPart++
	s.outbox.Add(s.part(&part{Part: *p, position: s.lastPart, stored: time.Now(), live: true, growing: true}))
}

// complete ends the growth of a live part; nil is none. Without the part nothing is stored.
func (s *Store) complete(c *journal.Completion) {
	if c == nil {
		return
	}
	of := c.Parts[0].Conversation()
	numbers := s.outbox.Growing(of)
	at := slices.IndexFunc(numbers, func(n int64) bool { return s.parts[n].ID == c.ID })
	if at < 0 {
		return
	}
	p := s.parts[numbers[at]]
	p.Part, p.live = c.Parts[0], false
	s.addOffer(&c.Parts[0], time.Now())
	s.endGrowth(of, numbers[at])
	s.addParts(c.Parts[1:])
}

// endGrowth ends the growth of parts.
func (s *Store) endGrowth(of channels.Conversation, numbers ...int64) {
	for _, n := range numbers {
		s.parts[n].growing = false
		s.outbox.EndGrowth(of, n)
	}
}

// KeepLive is journal.Journal's.
func (s *Store) KeepLive(ctx context.Context, c journal.Claim, progress journal.LiveProgress) error {
	return s.write(ctx, func() error {
		if !s.outbox.IsCurrent(c) {
			return journal.ErrFenced
		}
		s.parts[c.Row].keep(progress)
		s.appendEvents(progress.Events...)
		return nil
	})
}

// keep commits how far the part has come. The text of one that was completed meanwhile
// stays, and so does the part itself when another was to take its place.
func (p *part) keep(progress journal.LiveProgress) {
	next := progress.Part.ID != p.ID
	switch {
	case p.live:
		p.Part = progress.Part
		if next {
			p.attempts = 0
		}
	case next:
		return
	}
	p.receipt = progress.Receipt
}
