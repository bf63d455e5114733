package exec

import (
	"context"
	"errors"
	"fmt"
	osexec "os/exec"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/channels"
)

// tryLater is the exit status by which a program says that it has not acted on the message:
// EX_TEMPFAIL of https://man.openbsd.org/sysexits
const tryLater = 75

// notStarted is the error of a turn whose program does not start.
func notStarted(err error) error {
	return agents.NotReached(&channels.Error{
		Code: channels.CodeUnavailable, Message: "agent exec: the program does not start", RetryAfter: agents.DefaultRetryAfter, Err: err,
	})
}

// exited is the error of a turn whose program has ended in other ways than it should.
func exited(err error, dec *agents.Decoder) error {
	e := &channels.Error{Code: channels.CodeAgentFailed, Message: "agent exec: the program ended in the middle of the turn", Err: err}
	var exit *osexec.ExitError
	if !errors.As(err, &exit) {
		return e
	}
	e.Message = fmt.Sprintf("agent exec: the program ended with %v", exit.ProcessState)
	if exit.ExitCode() == tryLater && !dec.Shown() {
		e.Code, e.RetryAfter = channels.CodeOverloaded, agents.DefaultRetryAfter
		return agents.NotReached(e)
	}
	return e
}

// contextError is the error of a turn whose ctx has ended.
func contextError(ctx context.Context) error { return agents.EndedError(ctx, "exec") }
