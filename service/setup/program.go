package setup

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/manyvox/manyvox/service/journal"
)

// programSetting is the key of the program's id.
const programSetting = "program-id"

// ProgramID returns the id of all programs that share a journal: 8 random bytes in hex, which
// the first start makes. It is no secret.
func ProgramID(ctx context.Context, s journal.Settings) (string, error) {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: https://pkg.go.dev/crypto/rand#Read
	id, err := s.Setting(ctx, programSetting, hex.EncodeToString(b[:]))
	if err != nil {
		return "", fmt.Errorf("id of the program: %w", err)
	}
	return id, nil
}
