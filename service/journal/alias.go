package journal

import (
	"context"
	"slices"
	"time"

	"github.com/manyvox/manyvox/channels"
)

// Aliases is the part of a Journal that knows under which ids a platform knows one sender: a
// person's phone number and user id, or the ids of a group before and after it has moved.
type Aliases interface {
	// Unite says that the ids of a channel are one and the same sender's, the id that is in
	// use first, and returns the sender whose conversation is theirs from now on. Of several
	// conversations that is the one that was first; what waits in the others stays there, in
	// its order. It is one transaction, and writes only what has changed: most calls only read.
	Unite(ctx context.Context, channel string, ids []string) (sender string, err error)

	// Ids returns the ids of a conversation's sender, those that were in use last first, of
	// MaxAliases at most. The sender may be one that has become another's. Of a sender
	// without aliases it returns the sender.
	Ids(ctx context.Context, c channels.Conversation) ([]string, error)
}

const (
	// MaxAliases is how many ids a sender has. Those that were not in use for longest go.
	MaxAliases = channels.MaxAliases
	// namedFor is how late Alias.Named may be, so that most calls of Unite only read.
	namedFor = 24 * time.Hour
)

// Alias is one id of a sender.
type Alias struct {
	ID, Sender string
	// Since is when the id was named first, zero where it had a conversation before that.
	Since time.Time
	// Named is when Unite named the id last. It may be a day old.
	Named time.Time
}

// AliasAge is how long an alias is kept that is not named: as long as its conversation's
// events, and longer than Named may be late.
func AliasAge(retention time.Duration) time.Duration { return max(retention, 2*namedFor) }

// SortAliases returns the ids of aliases as Aliases.Ids does; c is the conversation that was
// asked for.
func SortAliases(all []Alias, c channels.Conversation) []string {
	if len(all) == 0 {
		return []string{c.Sender}
	}
	slices.SortFunc(all, func(a, b Alias) int { return b.Named.Compare(a.Named) })
	ids := make([]string, len(all))
	for i, a := range all {
		ids[i] = a.ID
	}
	return ids
}

// Union is what a call of Unite changes: it puts aliases in the place of those with the same
// ids, and drops some.
type Union struct {
	Sender string
	Put    []Alias
	Drop   []string
}

// IsNothing reports whether nothing changes.
func (u *Union) IsNothing() bool { return len(u.Put)+len(u.Drop) == 0 }

// NewUnion decides what a call of Unite changes. Known are all aliases of the senders that the
// ids belong to. HasConversation is asked of ids that are not known; it may be nil when only
// IsNothing is of interest.
func NewUnion(known []Alias, ids []string, hasConversation func(id string) (bool, error), now time.Time) (Union, error) {
	u := union{aliases: map[string]Alias{}, changed: map[string]bool{}}
	for _, a := range known {
		u.aliases[a.ID] = a
		if a.Named.After(u.newest) {
			u.newest = a.Named
		}
	}
	now = now.Truncate(time.Microsecond).UTC()
	if !now.After(u.newest) { // the clock was set back
		now = u.newest.Add(time.Microsecond)
	}
	for _, id := range ids {
		if err := u.add(id, hasConversation, now); err != nil {
			return Union{}, err
		}
	}
	sender := u.first(ids)
	u.move(sender)
	u.name(ids, now)
	return u.result(sender), nil
}

// union is a Union in the making.
type union struct {
	aliases map[string]Alias // by id
	changed map[string]bool
	newest  time.Time // Named of the alias that was named last before
}

func (u *union) put(a Alias) {
	u.aliases[a.ID] = a
	u.changed[a.ID] = true
}

// add adds an id that is not known.
func (u *union) add(id string, hasConversation func(id string) (bool, error), now time.Time) error {
	if _, known := u.aliases[id]; known {
		return nil
	}
	since := now
	if hasConversation != nil {
		has, err := hasConversation(id)
		if err != nil {
			return err
		}
		if has {
			since = time.Time{}
		}
	}
	u.put(Alias{ID: id, Sender: id, Since: since, Named: now})
	return nil
}

// first returns the sender of the ids whose conversation was first; of several that began
// together, that of the id named first.
func (u *union) first(ids []string) (sender string) {
	began := map[string]time.Time{}
	for _, a := range u.aliases {
		if at, ok := began[a.Sender]; !ok || a.Since.Before(at) {
			began[a.Sender] = a.Since
		}
	}
	for i, id := range ids {
		if s := u.aliases[id].Sender; i == 0 || began[s].Before(began[sender]) {
			sender = s
		}
	}
	return sender
}

// move gives all ids to the sender.
func (u *union) move(sender string) {
	for _, a := range u.aliases {
		if a.Sender != sender {
			a.Sender = sender
			u.put(a)
		}
	}
}

// name notes that the ids were named now, the first last of all.
func (u *union) name(ids []string, now time.Time) {
	for i, id := range ids {
		a := u.aliases[id]
		isLast := !a.Named.Before(u.newest)
		if !u.changed[id] && now.Sub(a.Named) < namedFor && (i > 0 || isLast) {
			continue
		}
		a.Named = now.Add(-time.Duration(i) * time.Microsecond)
		u.put(a)
	}
}

// result returns what has changed, without the ids that are too many.
func (u *union) result(sender string) Union {
	r := Union{Sender: sender}
	all := make([]Alias, 0, len(u.aliases))
	for _, a := range u.aliases {
		all = append(all, a)
	}
	for i, id := range SortAliases(all, channels.Conversation{}) {
		switch {
		case i >= MaxAliases:
			r.Drop = append(r.Drop, id)
		case u.changed[id]:
			r.Put = append(r.Put, u.aliases[id])
		}
	}
	return r
}
