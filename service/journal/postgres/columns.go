package postgres

import (
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

// Statements of a batch take their rows as one array for each column (unnest), so that a
// transaction of 500 operations has as many statements as one of a single operation.

// column returns one column of rows.
func column[R, V any](rows []R, value func(R) V) []V {
	values := make([]V, len(rows))
	for i, r := range rows {
		values[i] = value(r)
	}
	return values
}

// conversationColumns returns conversations as the columns channel and sender.
func conversationColumns(cs []channels.Conversation) (channel, sender [][]byte) {
	return column(cs, func(c channels.Conversation) []byte { return []byte(c.Channel) }),
		column(cs, func(c channels.Conversation) []byte { return []byte(c.Sender) })
}

// keyColumns returns keys as the columns channel, sender and id.
func keyColumns(ks []journal.Key) (channel, sender, id [][]byte) {
	return column(ks, func(k journal.Key) []byte { return []byte(k.Channel) }),
		column(ks, func(k journal.Key) []byte { return []byte(k.Sender) }),
		column(ks, func(k journal.Key) []byte { return []byte(k.ID) })
}

// textColumn scans a bytea into a string. Texts of strangers are stored as bytea: see
// schema.go.
type textColumn string

// text returns what a bytea is scanned into whose text is wanted in s. NULL is "".
func text(s *string) *textColumn { return (*textColumn)(s) }

// ScanBytes is pgtype.BytesScanner's.
func (c *textColumn) ScanBytes(b []byte) error {
	*c = textColumn(b)
	return nil
}

var _ pgtype.BytesScanner = (*textColumn)(nil)
