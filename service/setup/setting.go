package setup

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/manyvox/manyvox/service/journal"
)

// randomSetting returns what the journal keeps under a key. The first start makes it: so many
// random bytes, in hex. All programs that share the journal get the same.
func randomSetting(ctx context.Context, s journal.Settings, key string, bytes int) (string, error) {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: https://pkg.go.dev/crypto/rand#Read
	return s.Setting(ctx, key, hex.EncodeToString(b))
}
