package sqlite

import "context"

// settingTable is a migration. It holds what journal.Settings keeps.
const settingTable = `
CREATE TABLE setting (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;
`

// keepSetting stores the proposed value where there is none, and returns what is kept.
const keepSetting = `
INSERT INTO setting (key, value) VALUES (?, ?)
ON CONFLICT DO UPDATE SET value = value RETURNING value`

// Setting is journal.Journal's. It is called a few times in the life of a program, so its
// statement is not prepared.
func (s *Store) Setting(ctx context.Context, key, proposed string) (value string, err error) {
	err = s.writer.do(ctx, func(t *tx) error {
		return t.conn.QueryRowContext(context.Background(), keepSetting, key, proposed).Scan(&value)
	})
	if err != nil {
		return "", err
	}
	return value, nil
}
