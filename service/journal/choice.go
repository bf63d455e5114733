package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Choices is the part of a Journal that keeps what users may choose from. It is stored
// with the parts of Step and Push, in the same transaction, and outlives them.
type Choices interface {
	// Choices returns what the conversation's last parts with choices offer, the newest
	// first: of MaxOffers parts at most, stored no longer than ChoiceRetention ago,
	// whether or not they were sent yet. An offer that can't be read is left out.
	Choices(ctx context.Context, c channels.Conversation) ([]Offer, error)
}

// Offer is what one part lets the user choose from.
type Offer struct {
	// Open says that a number or a title chooses from it: the part was sent with its
	// choices, and nothing was sent since that closes it. A part with choices closes what was open before; one
	// without does so when it answers another message. PartOutcome.Shown says what was
	// sent. So of a conversation one offer is open at most.
	Open    bool
	Choices []channels.Choice
}

const (
	// ChoiceRetention is how long choices are kept.
	ChoiceRetention = 30 * 24 * time.Hour
	// MaxOffers is of how many parts of a conversation choices are kept.
	MaxOffers = 10
)

// encodeChoices returns the stored form of a part's choices, nil when it has none.
func encodeChoices(p *channels.Part) ([]byte, error) {
	if len(p.Choices) == 0 {
		return nil, nil
	}
	body, err := channels.Marshal(p.Choices)
	if err != nil {
		return nil, fmt.Errorf("journal: choices of part %s: %w", p.ID, err)
	}
	return body, nil
}

// AddOffer adds the offer to the list whose choices are stored as body, unless they can't
// be read.
func AddOffer(list []Offer, open bool, body []byte) []Offer {
	o := Offer{Open: open}
	if json.Unmarshal(body, &o.Choices) != nil {
		return list
	}
	return append(list, o)
}
