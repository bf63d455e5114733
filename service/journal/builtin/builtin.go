// Package builtin lists the stores that Manyvox comes with, one line each.
package builtin

import (
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/journal/memory"
	"github.com/manyvox/manyvox/service/journal/postgres"
	"github.com/manyvox/manyvox/service/journal/sqlite"
)

// Types returns the built-in stores, the default first.
func Types() []journal.Type {
	return []journal.Type{
		sqlite.Type(),
		postgres.Type(),
		memory.Type(),
	}
}
