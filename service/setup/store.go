package setup

import (
	"context"
	"errors"
	"time"

	"github.com/manyvox/manyvox/config"
	"github.com/manyvox/manyvox/service/instance"
	"github.com/manyvox/manyvox/service/journal"
)

// loadStore finds the store's type, by default the first that there is.
func (e *Endpoints) loadStore(file *config.Block, types []journal.Type) error {
	if len(types) == 0 {
		return errors.New("store: this program has none built in")
	}
	block, t, err := pick(file, "store", types[0].Name, types, func(t journal.Type) string { return t.Name })
	if err != nil {
		return err
	}
	keys := struct {
		Type                string        `yaml:"type"`
		Retention           time.Duration `yaml:"retention"`
		DeadLetterRetention time.Duration `yaml:"dead_letter_retention"`
	}{Retention: journal.DefaultRetention, DeadLetterRetention: journal.DefaultDeadLetterRetention}
	e.Store, e.StoreType, e.storeBlock = t.New(), t.Name, block
	if err := block.Decode(&keys, e.Store); err != nil {
		return err
	}
	switch {
	case keys.Retention < 0:
		return block.Errorf("retention", "retention: expected 0 or more")
	case keys.DeadLetterRetention <= 0:
		return block.Errorf("dead_letter_retention", "dead_letter_retention: expected more than 0")
	}
	e.Retention, e.DeadLetterRetention = keys.Retention, keys.DeadLetterRetention
	return block.Wrap(e.Store.Validate())
}

// OpenStore opens the journal, which reports its commits to the health that is returned
// beside it.
func (e *Endpoints) OpenStore(ctx context.Context, env journal.Env) (journal.Journal, *instance.JournalHealth, error) {
	health := &instance.JournalHealth{}
	env.Committed = health.Committed
	env.StaleAfter, env.DeadLetterRetention = e.Limits.StaleAfter, e.DeadLetterRetention
	j, err := e.Store.Open(ctx, env)
	return j, health, err
}
