package channels_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/manyvox/manyvox/channels"
)

func TestMeaning(t *testing.T) {
	t.Parallel()
	cause := errors.New("no")
	e := &channels.SendError{Class: channels.SendRejected, Code: "400", RetryAfter: time.Second, Err: cause}
	meanings := []channels.Meaning{
		{Words: "kicked|was Blocked", Class: channels.SendGone, Code: "blocked"}, {Words: "blocked", Class: channels.SendUnknown, Code: "other"},
	}
	got := e.WithMeaning("the bot WAS blocked by the user", meanings...)
	if got.Class != channels.SendGone || got.Code != "blocked" || got.RetryAfter != time.Second || !errors.Is(got, cause) || e.Code != "400" {
		t.Errorf("%+v of %+v", got, e)
	}
	advised := e.WithMeaning("slow down", channels.Meaning{Words: "slow", Class: channels.SendThrottled, Advice: "write less"})
	if advised.Error() != "throttled: write less: no" || !errors.Is(advised, cause) {
		t.Errorf("%v", advised)
	}
	if got := e.WithMeaning("chat not found", meanings...); got != e {
		t.Errorf("%+v", got)
	}
	if err := fmt.Errorf("send: %w", got); !channels.HasSendCode(err, "blocked") || channels.HasSendCode(err, "400") || channels.HasSendCode(cause, "") || channels.HasSendCode(nil, "") {
		t.Error("a code that it has not, or has")
	}
}
