package channels_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	for _, c := range []struct {
		name string
		err  *channels.Error
		want string
	}{
		{"a code", &channels.Error{Code: channels.CodeTooLarge}, "too_large"},
		{"a message", channels.Errorf(channels.CodeInvalid, "key %q: %v", "a", cause), `key "a": cause`},
		{"a cause", &channels.Error{Err: cause}, "cause"},
		{"both", &channels.Error{Message: "it failed", Err: cause}, "it failed: cause"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.err.Error(); got != c.want {
				t.Errorf("text %q, want %q", got, c.want)
			}
		})
	}
}

func TestErrorIs(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	invalid := &channels.Error{Code: channels.CodeInvalid, Message: "key: wrong", Err: cause}
	for _, c := range []struct {
		name        string
		err, target error
		want        bool
	}{
		{"invalid", invalid, channels.ErrInvalid, true},
		{"wrapped", fmt.Errorf("channel rest: %w", invalid), channels.ErrInvalid, true},
		{"joined", errors.Join(cause, invalid), channels.ErrInvalid, true},
		{"the cause", invalid, cause, true},
		{"itself", invalid, invalid, true},
		{"another of the same code", invalid, channels.Errorf(channels.CodeInvalid, "key: wrong"), false},
		{"another code", invalid, channels.ErrUnavailable, false},
		{"unavailable", channels.Errorf(channels.CodeUnavailable, "down"), channels.ErrUnavailable, true},
		{"a limit", channels.Errorf(channels.CodeOverloaded, "busy"), channels.ErrUnavailable, true},
		{"unavailable is no limit", channels.ErrUnavailable, &channels.Error{Code: channels.CodeOverloaded}, false},
		{"another type", cause, channels.ErrInvalid, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := errors.Is(c.err, c.target); got != c.want {
				t.Errorf("errors.Is gives %v, want %v", got, c.want)
			}
		})
	}
}

// Post's errors match exactly one of the two, whatever their code, an unknown one included.
func TestErrorIsInvalidOrUnavailable(t *testing.T) {
	t.Parallel()
	invalid := map[channels.Code]bool{
		channels.CodeInvalid: true, channels.CodeUnauthenticated: true, channels.CodePermissionDenied: true,
		channels.CodeNotFound: true, channels.CodeMethodNotAllowed: true, channels.CodeTooLarge: true,
		channels.CodeFailedPrecondition: true, channels.CodeAlreadyExists: true, channels.CodeOutOfRange: true,
	}
	for code := channels.Code(0); code <= channels.CodeCanceled+1; code++ {
		err := fmt.Errorf("channel chat: %w", channels.Errorf(code, "refused"))
		got := [...]bool{errors.Is(err, channels.ErrInvalid), errors.Is(err, channels.ErrUnavailable)}
		if want := [...]bool{invalid[code], !invalid[code]}; got != want {
			t.Errorf("%s: matches ErrInvalid and ErrUnavailable %v, want %v", code, got, want)
		}
		if code.IsPermanent() && !got[0] {
			t.Errorf("%s: a turn would fail again, and a message would be taken", code)
		}
	}
}

func TestAsError(t *testing.T) {
	t.Parallel()
	own := channels.Errorf(channels.CodeNotFound, "no such thing")
	other := errors.New("dial 10.0.0.7: refused")
	for _, c := range []struct {
		name string
		err  error
		want *channels.Error
	}{
		{"its own", own, own},
		{"wrapped", fmt.Errorf("outer: %w", own), own},
		{"late", context.DeadlineExceeded, &channels.Error{Code: channels.CodeDeadlineExceeded, Message: "the deadline has passed", Err: context.DeadlineExceeded}},
		{"gone", context.Canceled, &channels.Error{Code: channels.CodeCanceled, Message: "the caller went away", Err: context.Canceled}},
		{"any other", other, &channels.Error{Code: channels.CodeInternal, Message: "internal error, see the log", Err: other}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := channels.AsError(c.err)
			if got.Code != c.want.Code || got.Message != c.want.Message || c.want.Err != nil && !errors.Is(got, c.want.Err) {
				t.Errorf("error %#v, want %#v", got, c.want)
			}
		})
	}
}
