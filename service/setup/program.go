package setup

import (
	"context"
	"fmt"

	"github.com/manyvox/manyvox/service/journal"
)

// programSetting is the key of the program's id.
const programSetting = "program-id"

// ProgramID returns the id of all programs that share a journal: 8 random bytes in hex. It is
// no secret.
func ProgramID(ctx context.Context, s journal.Settings) (string, error) {
	id, err := randomSetting(ctx, s, programSetting, 8)
	if err != nil {
		return "", fmt.Errorf("id of the program: %w", err)
	}
	return id, nil
}
