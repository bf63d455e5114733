package channeltest

import (
	"context"
	"slices"

	"github.com/manyvox/manyvox/channels"
)

// aliases are the ids of one sender, those that were in use last first.
type aliases struct {
	sender string
	ids    []string
}

// Sender keeps ids as one sender's, as the service does. Of several senders the one that was
// named first goes on.
func (i *Inbox) Sender(_ context.Context, ids ...string) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.Err != nil {
		return "", i.Err
	}
	united, at := aliases{sender: ids[0], ids: slices.Clone(ids)}, -1
	var others []aliases
	for _, a := range i.aliases {
		if !slices.ContainsFunc(ids, func(id string) bool { return id == a.sender || slices.Contains(a.ids, id) }) {
			others = append(others, a)
			continue
		}
		if at < 0 {
			united.sender, at = a.sender, len(others)
		}
		for _, id := range a.ids {
			if !slices.Contains(united.ids, id) {
				united.ids = append(united.ids, id)
			}
		}
	}
	if at < 0 {
		at = len(others)
	}
	i.aliases = slices.Insert(others, at, united)
	return united.sender, nil
}

// Ids returns the ids of a sender.
func (i *Inbox) Ids(_ context.Context, sender string) ([]string, error) { //nolint:revive // the role's name
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, a := range i.aliases {
		if a.sender == sender || slices.Contains(a.ids, sender) {
			return slices.Clone(a.ids), i.Err
		}
	}
	return []string{sender}, i.Err
}

var _ channels.Aliaser = (*Inbox)(nil)
