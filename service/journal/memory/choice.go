package memory

import (
	"context"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// offer is what one part lets the user choose from.
type offer struct {
	journal.Offer
	// part is the part's id, message that of the message which it answers.
	part, message string
	stored        time.Time
}

// addOffer keeps the choices of a part, if it has any, and those of the conversation's last
// parts. The newest offer is the last.
func (s *Store) addOffer(p *channels.Part, now time.Time) {
	if len(p.Choices) == 0 {
		return
	}
	c := p.Conversation()
	list := append(s.offers[c], &offer{journal.Offer{Choices: p.Choices}, p.ID, p.MessageID, now})
	s.offers[c] = slices.Clone(list[max(0, len(list)-journal.MaxOffers):])
}

// openOffer notes that a part was sent: see journal.Offer.
func (s *Store) openOffer(p *channels.Part) {
	for _, o := range s.offers[p.Conversation()] {
		switch {
		case o.part == p.ID:
			o.Open = len(p.Choices) > 0
		case len(p.Choices) > 0 || o.message != p.MessageID:
			o.Open = false
		}
	}
}

// Choices is journal.Journal's.
func (s *Store) Choices(ctx context.Context, c channels.Conversation) (list []journal.Offer, err error) {
	err = s.read(ctx, func() error {
		after := time.Now().Add(-journal.ChoiceRetention)
		for _, o := range slices.Backward(s.offers[c]) {
			if !o.stored.Before(after) {
				list = append(list, o.Offer)
			}
		}
		return nil
	})
	return list, err
}

// sweepOffers deletes up to limit offers that are older than they are kept.
func (s *Store) sweepOffers(limit int) (swept int) {
	before := time.Now().Add(-journal.ChoiceRetention)
	for c, list := range s.offers {
		kept := slices.DeleteFunc(list, func(o *offer) bool {
			old := swept < limit && o.stored.Before(before)
			if old {
				swept++
			}
			return old
		})
		if s.offers[c] = kept; len(kept) == 0 {
			delete(s.offers, c)
		}
	}
	return swept
}
