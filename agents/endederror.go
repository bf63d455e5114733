package agents

import (
	"context"
	"errors"

	"github.com/manyvox/manyvox/channels"
)

// EndedError returns the error of a turn whose context has ended, for an agent of the type name:
// ctx.Err(), which of a deadline is an error of CodeDeadlineExceeded.
func EndedError(ctx context.Context, name string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &channels.Error{Code: channels.CodeDeadlineExceeded, Message: "agent " + name + ": the answer took too long", Err: ctx.Err()}
	}
	return ctx.Err()
}
