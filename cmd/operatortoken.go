package cmd

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/journal"
	"github.com/manyvox/manyvox/service/setup"
)

// operatorToken returns the token of the flags, or else the one that the journal keeps. The
// latter is copied to the data directory, for commands on this machine. The log names the
// file and never the token. Without the copy everything else works, so that a directory
// that cannot be written is a warning.
func (c *runCommand) operatorToken(ctx context.Context, log *slog.Logger, s journal.Settings) (channels.Secret, error) {
	if token := cmp.Or(c.OperatorToken, c.AuthToken); token != "" {
		return token, nil
	}
	token, err := setup.OperatorToken(ctx, s)
	if err != nil {
		return "", err
	}
	path, err := setup.WriteOperatorToken(c.DataDir, token)
	if err != nil {
		log.Warn("the operator's token is not copied to the data directory: commands need --operator-token", "error", err)
		return token, nil
	}
	log.Info("operator's token ready", "file", path)
	return token, nil
}
