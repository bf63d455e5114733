package journal

import (
	"errors"
	"fmt"

	"github.com/manyvox/manyvox/channels"
)

// A live part is one whose text grows while its turn runs. Step.Begin stores it, and it waits
// in the conversation's outbox like any other. While it grows it is given to the process of
// its turn alone, and takes no slot of OpenOutbox. KeepLive commits how far it has come, and
// Step.Complete ends its growth. So does the end of its turn, however it comes: from then on
// the part is as it was committed last, and is given to any process.

// Completion ends the growth of a live part.
type Completion struct {
	// ID is the live part's id now: after a roll-over that of the part that grows.
	ID string
	// Parts are never empty. The first has the id ID and takes the live part's place. The
	// further ones go to the end of the conversation's outbox. None is stored when no part of
	// this id grows any more: it was sent, given up or deleted.
	Parts []channels.Part
}

// validate reports a completion whose parts are not as its comment says.
func (c *Completion) validate() error {
	switch {
	case c == nil:
	case len(c.Parts) == 0:
		return fmt.Errorf("journal: completion of part %q: it has no parts", c.ID)
	case c.Parts[0].ID != c.ID:
		return fmt.Errorf("journal: completion of part %q: its first part has the id %q", c.ID, c.Parts[0].ID)
	}
	return nil
}

// errAskGrows says that an asked message has no outbox, so that nothing grows there.
var errAskGrows = errors.New("journal: a turn of an asked message has no live part")

// Live is what is known of a claimed part that grows or was opened.
type Live struct {
	// Growing says that the part's turn runs in this process and may still complete it.
	// When it is false, what is stored is all that there will be: the part was completed
	// after it was opened, or its turn is gone.
	Growing bool
	// Receipt is that of Open as KeepLive committed it, nil when that never happened.
	Receipt *channels.Receipt
}

// LiveOf returns what a Delivery says of a part, nil for one that neither grows nor was
// opened: it is sent as an ordinary part.
func LiveOf(growing bool, receipt *channels.Receipt) *Live {
	live := &Live{Growing: growing}
	if receipt != nil {
		kept := *receipt
		live.Receipt = &kept
	}
	if *live == (Live{}) {
		return nil
	}
	return live
}

// LiveProgress is how far a live part has come.
type LiveProgress struct {
	// Part has the text so far. Its Channel and Sender are those of the part that is claimed.
	Part channels.Part
	// Receipt is that of Open; nil before.
	Receipt *channels.Receipt
	// Events are appended, as in Step.
	Events []channels.Event
}
