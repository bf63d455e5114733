package channels_test

import (
	"testing"

	"github.com/manyvox/manyvox/channels"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	const not, none = "it is not addressed to the bot", "groups are not answered"
	for value, want := range map[string][2]string{"addressed": {"", not}, "all": {"", ""}, "none": {none, none}} {
		var g channels.Groups
		if err := g.UnmarshalText([]byte(value)); err != nil {
			t.Error(err)
		}
		if got := [2]string{g.Refuses(true), g.Refuses(false)}; got != want {
			t.Errorf("%s: %q", value, got)
		}
	}
	g := channels.GroupsAll
	if err := g.UnmarshalText([]byte("some")); err == nil || err.Error() != "expected addressed, all or none" || g != channels.GroupsAll {
		t.Errorf("%v, %q", err, g)
	}
}
