package postgres

import "context"

// settingTable is a migration. It holds what journal.Settings keeps.
const settingTable = `
CREATE TABLE setting (
	key   text PRIMARY KEY,
	value text NOT NULL
);
`

// keepSetting stores the proposed value where there is none, and returns what is kept. Of
// replicas that propose at the same time the second waits for the first and gets its value.
const keepSetting = `
INSERT INTO setting AS s (key, value) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = s.value RETURNING value`

// Setting is journal.Journal's. It needs no lock of a conversation, so that it does not
// pass the writer.
func (s *Store) Setting(ctx context.Context, key, proposed string) (value string, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		return s.readPool.QueryRow(ctx, keepSetting, key, proposed).Scan(&value)
	})
	s.options.report(ctx, err)
	if err != nil {
		return "", err
	}
	return value, nil
}
