package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/manyvox/manyvox/service/journal"
)

const (
	commitPause    = time.Second
	maxCommitPause = 10 * time.Second
)

// Commit settles a claimed row, also while the program is ending. When the journal
// fails it tries again, since nothing behind the row in its queue is worked on before.
// It gives up when the claim is lost or the journal closed, and after a last try when
// ctx has ended: then the row is given out again after the next start.
func Commit(ctx context.Context, log *slog.Logger, commit func(context.Context) error) error {
	for pause := commitPause; ; pause = min(2*pause, maxCommitPause) {
		err := commit(context.WithoutCancel(ctx))
		if err == nil || errors.Is(err, journal.ErrFenced) || errors.Is(err, journal.ErrClosed) || ctx.Err() != nil {
			return err
		}
		if pause == commitPause { // once for each row says enough
			log.Error("journal", "error", err)
		}
		_ = Sleep(ctx, pause) // one more try follows in any case
	}
}
