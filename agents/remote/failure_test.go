package remote_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/manyvox/manyvox/agents"
	"github.com/manyvox/manyvox/agents/agenttest"
	"github.com/manyvox/manyvox/agents/remote"
	"github.com/manyvox/manyvox/channels"
	manyvoxv1 "github.com/manyvox/manyvox/gen/manyvox/v1"
)

// TestErrors looks at what each error of a service means.
func TestErrors(t *testing.T) {
	t.Parallel()
	const answered = "agent remote: the service answered "
	reason := &errdetails.ErrorInfo{Reason: "LOOP", Domain: "manyvox.dev"}
	for _, c := range []struct {
		code       connect.Code
		detail     proto.Message
		shown      bool
		want       channels.Code
		err        string
		after      time.Duration
		notReached bool
	}{
		{connect.CodeUnknown, nil, false, channels.CodeAgentFailed, answered + "unknown: why", 0, false},
		{connect.CodeInternal, nil, false, channels.CodeAgentFailed, answered + "internal: why", 0, false},
		{connect.CodeAborted, nil, false, channels.CodeAgentFailed, answered + "aborted: why", 0, false},
		{connect.CodeCanceled, nil, false, channels.CodeAgentFailed, answered + "canceled: why", 0, false},
		{connect.CodeInvalidArgument, nil, false, channels.CodeInvalid, answered + "invalid_argument: why", 0, false},
		{connect.CodePermissionDenied, nil, false, channels.CodePermissionDenied, answered + "permission_denied: why", 0, false},
		{connect.CodeFailedPrecondition, reason, false, channels.CodeFailedPrecondition, answered + "failed_precondition: why", 0, false},
		{connect.CodeUnauthenticated, nil, false, channels.CodeAgentFailed, answered + "unauthenticated: check token", 0, false},
		{connect.CodeNotFound, nil, false, channels.CodeAgentFailed, answered + "not_found: check url and channel: why", 0, false},
		{connect.CodeUnimplemented, nil, false, channels.CodeAgentFailed, answered + "unimplemented: check url and channel: why", 0, false},
		{connect.CodeDeadlineExceeded, nil, false, channels.CodeDeadlineExceeded, answered + "deadline_exceeded: why", 0, false},
		{connect.CodeUnavailable, nil, false, channels.CodeUnavailable, answered + "unavailable: why", time.Second, true},
		{connect.CodeUnavailable, &errdetails.RetryInfo{RetryDelay: durationpb.New(9 * time.Second)}, false, channels.CodeUnavailable, answered + "unavailable: why", 9 * time.Second, true},
		{connect.CodeUnavailable, nil, true, channels.CodeAgentFailed, answered + "unavailable: why", 0, false},
		{connect.CodeResourceExhausted, nil, false, channels.CodeOverloaded, answered + "resource_exhausted: why", time.Second, true},
		{connect.CodeResourceExhausted, &errdetails.ErrorInfo{Reason: "REQUEST_TOO_LARGE"}, false, channels.CodeTooLarge, answered + "resource_exhausted: why", 0, false},
	} {
		for _, p := range protocols() {
			t.Run(string(p)+" "+c.err, func(t *testing.T) {
				t.Parallel()
				url := listen(t, &service{answer: func(_ context.Context, _ *manyvoxv1.ReceiveStreamRequest, stream *serverStream) error {
					if c.shown {
						_ = stream.Send(deltaOf("1", "a"))
					}
					err := connect.NewError(c.code, errors.New("why"))
					if c.detail != nil {
						detail, _ := connect.NewErrorDetail(c.detail)
						err.AddDetail(detail)
					}
					return err
				}})
				a := open(t, url, func(conf *remote.Config) { conf.Protocol = p })
				err := a.Answer(t.Context(), agenttest.Turn("ann", "hi"), &agenttest.Recorder{})
				e := channels.AsError(err)
				if e.Code != c.want || e.Error() != c.err || e.RetryAfter != c.after || agents.IsNotReached(err) != c.notReached {
					t.Errorf("%v %q, again after %v, not reached %v", e.Code, e.Error(), e.RetryAfter, agents.IsNotReached(err))
				}
				if c.detail == reason && e.Reason != channels.ReasonLoop {
					t.Errorf("reason %q", e.Reason)
				}
			})
		}
	}
}
