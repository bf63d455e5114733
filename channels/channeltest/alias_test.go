package channeltest_test

import (
	"slices"
	"testing"

	"github.com/manyvox/manyvox/channels/channeltest"
)

// The fake inbox unites ids as journaltest asks of a journal.
func TestInboxAliases(t *testing.T) {
	t.Parallel()
	in := &channeltest.Inbox{}
	for _, c := range []struct {
		ids    []string
		sender string
		want   []string
	}{
		{[]string{"a"}, "a", []string{"a"}},
		{[]string{"b", "b2"}, "b", []string{"b", "b2"}},
		{[]string{"b"}, "b", []string{"b", "b2"}},
		{[]string{"a2", "a"}, "a", []string{"a2", "a"}},
		{[]string{"b2", "a"}, "a", []string{"b2", "a", "a2", "b"}},
		{[]string{"b"}, "a", []string{"b", "b2", "a", "a2"}},
	} {
		sender, err := in.Sender(t.Context(), c.ids...)
		if err != nil || sender != c.sender {
			t.Errorf("%q: sender %q, %v; want %q", c.ids, sender, err, c.sender)
		}
		if ids, err := in.Ids(t.Context(), sender); err != nil || !slices.Equal(ids, c.want) {
			t.Errorf("%q: ids %q, %v; want %q", c.ids, ids, err, c.want)
		}
	}
	if ids, err := in.Ids(t.Context(), "x"); err != nil || !slices.Equal(ids, []string{"x"}) {
		t.Errorf("ids of nobody: %q, %v", ids, err)
	}
}
