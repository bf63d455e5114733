package webhook

import (
	"context"
	"io"

	"github.com/manyvox/manyvox/agents"
)

// Decode is decode.
func Decode(ctx context.Context, answer io.Reader, d *agents.Decoder) error {
	return decode(ctx, answer, d)
}
