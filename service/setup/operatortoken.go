package setup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
)

const (
	// operatorSetting is the key of the operator's token among the journal's settings.
	operatorSetting = "operator-token"
	// operatorFile is the copy of it in the data directory, for commands on this machine.
	operatorFile = "operator-token"
)

// OperatorToken returns the operator's token that the journal keeps: 32 random bytes in hex.
func OperatorToken(ctx context.Context, s journal.Settings) (channels.Secret, error) {
	token, err := randomSetting(ctx, s, operatorSetting, 32)
	if err != nil {
		return "", fmt.Errorf("operator's token: %w", err)
	}
	return channels.Secret(token), nil
}

// WriteOperatorToken copies the token to a file of the data directory that only its owner
// may read, and returns the file's path. It replaces the file in one step, so that no
// command reads half of it.
func WriteOperatorToken(dataDir string, token channels.Secret) (path string, err error) {
	path = filepath.Join(dataDir, operatorFile)
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return path, err
	}
	temporary, err := os.CreateTemp(dataDir, operatorFile+".*") // with mode 0600
	if err != nil {
		return path, err
	}
	_, err = temporary.WriteString(token.Reveal() + "\n")
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return path, errors.Join(err, os.Remove(temporary.Name()))
	}
	return path, nil
}

// ReadOperatorToken returns the token of the file that WriteOperatorToken wrote, "" when
// there is no such file.
func ReadOperatorToken(dataDir string) (channels.Secret, error) {
	data, err := os.ReadFile(filepath.Join(dataDir, operatorFile)) //nolint:gosec // the operator names the directory
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return channels.Secret(strings.TrimSpace(string(data))), err
}
