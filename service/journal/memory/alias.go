package memory

import (
	"context"
	"time"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// aliases are the ids of senders.
type aliases struct {
	// senders has the sender of each id, lists the aliases of each sender.
	senders map[channels.Conversation]string
	lists   map[channels.Conversation][]journal.Alias
}

// of returns all aliases of the senders that the ids belong to.
func (a *aliases) of(channel string, ids []string) (all []journal.Alias) {
	seen := map[string]bool{}
	for _, id := range ids {
		sender := id
		if s, known := a.senders[channels.Conversation{Channel: channel, Sender: id}]; known {
			sender = s
		}
		if !seen[sender] {
			seen[sender] = true
			all = append(all, a.lists[channels.Conversation{Channel: channel, Sender: sender}]...)
		}
	}
	return all
}

// apply makes the changes of a Union.
func (a *aliases) apply(channel string, u journal.Union) {
	for _, id := range u.Drop {
		a.remove(channel, id)
	}
	for _, alias := range u.Put {
		a.remove(channel, alias.ID)
		a.senders[channels.Conversation{Channel: channel, Sender: alias.ID}] = alias.Sender
		c := channels.Conversation{Channel: channel, Sender: alias.Sender}
		a.lists[c] = append(a.lists[c], alias)
	}
}

func (a *aliases) remove(channel, id string) {
	key := channels.Conversation{Channel: channel, Sender: id}
	c := channels.Conversation{Channel: channel, Sender: a.senders[key]}
	delete(a.senders, key)
	a.keep(c, func(alias journal.Alias) bool { return alias.ID != id })
}

// keep removes the aliases of a sender that are not to be kept, and returns how many.
func (a *aliases) keep(c channels.Conversation, isKept func(journal.Alias) bool) (removed int) {
	var kept []journal.Alias
	for _, alias := range a.lists[c] {
		if isKept(alias) {
			kept = append(kept, alias)
			continue
		}
		delete(a.senders, channels.Conversation{Channel: c.Channel, Sender: alias.ID})
		removed++
	}
	if a.lists[c] = kept; len(kept) == 0 {
		delete(a.lists, c)
	}
	return removed
}

// forget removes all aliases of a sender, and returns how many.
func (a *aliases) forget(c channels.Conversation) int {
	return a.keep(c, func(journal.Alias) bool { return false })
}

// sweep removes aliases that were not named since, of about limit, and returns how many.
func (a *aliases) sweep(since time.Time, limit int) (swept int) {
	for c := range a.lists {
		if swept >= limit {
			break
		}
		swept += a.keep(c, func(alias journal.Alias) bool { return !alias.Named.Before(since) })
	}
	return swept
}

// Unite is journal.Journal's.
func (s *Store) Unite(ctx context.Context, channel string, ids []string) (sender string, err error) {
	has := func(id string) (bool, error) { //nolint:unparam // other stores may fail
		_, has := s.addresses[channels.Conversation{Channel: channel, Sender: id}]
		return has, nil
	}
	var u journal.Union
	err = s.read(ctx, func() (err error) {
		u, err = journal.NewUnion(s.aliases.of(channel, ids), ids, has, time.Now())
		return err
	})
	if err != nil || u.IsNothing() {
		return u.Sender, err
	}
	err = s.write(ctx, func() (err error) {
		if u, err = journal.NewUnion(s.aliases.of(channel, ids), ids, has, time.Now()); err == nil {
			s.aliases.apply(channel, u)
		}
		return err
	})
	return u.Sender, err
}

// Ids is journal.Journal's.
func (s *Store) Ids(ctx context.Context, c channels.Conversation) (ids []string, err error) { //nolint:revive // the role's name
	err = s.read(ctx, func() error {
		ids = journal.SortAliases(s.aliases.of(c.Channel, []string{c.Sender}), c)
		return nil
	})
	return ids, err
}
