package channels

import "context"

// Aliaser is the role of an Inbox for channels whose platform knows one person, or one group,
// under several ids: a phone number and a user id, or the id before and after a move. It keeps
// them in one conversation.
type Aliaser interface {
	// Sender says that the ids are one and the same sender's, the id that is in use first, and
	// returns the Sender for Message and Part. An id is at most as long as a sender may be, and
	// there are at most MaxAliases. Of several conversations that were begun before, the one
	// that was first goes on; what the others hold is still answered and sent there. A channel
	// asks before each Post or Ask about a sender that may have several ids; that reads, and
	// writes only when something is new. An error matches ErrInvalid or ErrUnavailable, as
	// Post's do.
	Sender(ctx context.Context, ids ...string) (string, error)
	// Ids returns the ids of a Sender, those that were in use last first. Send asks it, so that
	// a part that waited follows its reader. Of a sender without others it returns the sender.
	Ids(ctx context.Context, sender string) ([]string, error)
}

// MaxAliases is how many ids a sender may have.
const MaxAliases = 16

// AliaserOf returns the role of an inbox, or one for an inbox without it, by which each id is a
// sender of its own.
func AliaserOf(in Inbox) Aliaser {
	if a, ok := in.(Aliaser); ok {
		return a
	}
	return noAliases{}
}

// noAliases knows nobody under several ids.
type noAliases struct{}

// Sender returns the first id.
func (noAliases) Sender(_ context.Context, ids ...string) (string, error) { return ids[0], nil }

// Ids returns the sender alone.
func (noAliases) Ids(_ context.Context, sender string) ([]string, error) { //nolint:revive // the role's name
	return []string{sender}, nil
}
