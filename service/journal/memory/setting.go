package memory

import "context"

// Setting is journal.Journal's.
func (s *Store) Setting(ctx context.Context, key, proposed string) (value string, err error) {
	err = s.write(ctx, func() error {
		if _, known := s.settings[key]; !known {
			s.settings[key] = proposed
		}
		value = s.settings[key]
		return nil
	})
	return value, err
}
