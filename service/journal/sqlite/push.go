package sqlite

import (
	"context"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Push is journal.Journal's.
func (s *Store) Push(ctx context.Context, p journal.Push) (known *journal.Known, err error) {
	parts, err := journal.EncodeParts(p.Parts)
	if err != nil {
		return nil, err
	}
	events, err := s.encodeEvents(p.Events...)
	if err != nil {
		return nil, err
	}
	err = s.writer.do(ctx, func(t *tx) (err error) {
		if known, err = t.lookup.known(context.Background(), &s.recent, p.Key, t.now); known != nil || err != nil {
			return err
		}
		if _, err := t.insertKey(p.Key, p.Window, p.Digest); err != nil {
			return err
		}
		if err := s.addParts(t, parts); err != nil {
			return err
		}
		return s.appendEvents(t, events)
	})
	if err != nil {
		return nil, err
	}
	return known, nil
}

// Address is journal.Journal's.
func (s *Store) Address(ctx context.Context, c channels.Conversation) (address string, known bool, err error) {
	err = s.read(ctx, "address", func() (err error) {
		address, known, err = s.reader.readAddress(ctx, c)
		return err
	})
	return address, known, err
}
