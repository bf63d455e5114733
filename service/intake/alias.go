package intake

import (
	"context"
	"slices"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// Aliases knows which ids are one sender's, as journal.Aliases does.
type Aliases interface {
	Unite(ctx context.Context, channel string, ids []string) (sender string, err error)
	Ids(ctx context.Context, c channels.Conversation) ([]string, error)
}

// Sender says that the ids are one sender's, and returns it.
func (i inbox) Sender(ctx context.Context, ids ...string) (string, error) {
	if err := i.checkIDs(ids); err != nil {
		return "", err
	}
	sender, err := i.door.Aliases.Unite(ctx, i.in.Name, distinct(ids))
	if err != nil {
		return "", i.in.NotStored(ctx, i.door.Log, err)
	}
	i.in.Senders.NoteAliases()
	return sender, nil
}

// Ids returns the ids of a sender.
func (i inbox) Ids(ctx context.Context, sender string) ([]string, error) { //nolint:revive // the role's name
	ids, err := i.door.Aliases.Ids(ctx, i.conversation(sender))
	if err != nil {
		return nil, i.in.NotStored(ctx, i.door.Log, err)
	}
	return ids, nil
}

// checkIDs refuses ids that no sender may have.
func (i inbox) checkIDs(ids []string) error {
	if len(ids) == 0 || len(ids) > channels.MaxAliases || slices.Contains(ids, "") {
		return channels.InvalidField("sender", "%d ids: give 1 to %d, none of them empty", len(ids), channels.MaxAliases)
	}
	limits := i.door.Limits.Load()
	for _, id := range ids {
		if err := limits.Check(&channels.Message{Sender: id}); err != nil {
			return err
		}
	}
	return nil
}

// distinct returns the ids without repeats.
func distinct(ids []string) []string {
	var list []string
	for _, id := range ids {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// admitSender refuses a sender that the channel's block does not let write. One that has
// several ids may be listed by any of them.
func (d *Door) admitSender(ctx context.Context, in *instance.Instance, sender string) error {
	refused := in.Senders.Admit(sender)
	if refused == nil || !in.Senders.HaveAliases() {
		return refused
	}
	ids, err := d.Aliases.Ids(ctx, channels.Conversation{Channel: in.Name, Sender: sender})
	if err != nil {
		return in.NotStored(ctx, d.Log, err)
	}
	for _, id := range ids {
		if in.Senders.Admit(id) == nil {
			return nil
		}
	}
	return refused
}

var _ channels.Aliaser = inbox{}
