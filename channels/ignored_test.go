package channels_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/manyvox/manyvox/channels"
)

func TestIgnored(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		`{"update_id":1,"poll":{}}`: "poll", `{"b":1,"update_id":1,"a":2}`: "a", `{"update_id":1}`: "", `[1]`: "", `null`: "", `{`: "",
		`{"` + strings.Repeat("k", 65) + `":1}`: "", `{"` + strings.Repeat("k", 65) + `":1,"z":2}`: "z",
	} {
		if got := channels.KindByKey([]byte(event), "update_id"); got != want {
			t.Errorf("%s: %q, want %q", event, got, want)
		}
	}
	for kind, kept := range map[string]string{"poll": "poll", strings.Repeat("é", 40): strings.Repeat("é", 32), "x" + strings.Repeat("é", 40): "x" + strings.Repeat("é", 31)} {
		want := channels.Exchange{Verdict: channels.VerdictIgnored, Text: kept + ": nobody asked"}
		if diff := cmp.Diff(want, channels.Ignored(kind, "nobody asked")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRejected(t *testing.T) {
	t.Parallel()
	if e := channels.AsSendError(channels.Rejected("no picture")); e.Class != channels.SendRejected || e.Error() != "rejected: no picture" {
		t.Errorf("%v", e)
	}
}
