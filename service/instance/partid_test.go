package instance_test

import (
	"testing"

	"github.com/manyvox/manyvox/channels"
	"github.com/manyvox/manyvox/service/instance"
)

// A sender and an id hold any bytes: where the one ends and the other begins must show.
func TestPartIDTellsMessagesApart(t *testing.T) {
	t.Parallel()
	seen := make(map[string]string)
	for _, c := range [][3]string{
		{"ann", "1", "0"},
		{"ann", "1", "1"},
		{"a\x00b", "c", "0"},
		{"a", "b\x00c", "0"},
		{`a\0b`, "c", "0"},
		{"a\\\x00b", "c", "0"},
		{"a\x00", "\x00b", "0"},
		{"a", "\x00\x00b", "0"},
	} {
		id := instance.PartID(channels.Conversation{Channel: "web", Sender: c[0]}, c[1], c[2])
		if len(id) != 32 {
			t.Errorf("PartID(%q) = %q, want 32 hex digits", c, id)
		}
		if other, ok := seen[id]; ok {
			t.Errorf("PartID is the same for %q and %s", c, other)
		}
		seen[id] = c[0] + " " + c[1]
	}
	// Of 0.1, so that what a channel remembers of sent parts holds over an upgrade.
	const want = "83ab52266e11e7ece70c52e6dbe6aac8"
	if got := instance.PartID(channels.Conversation{Channel: "web", Sender: "ann"}, "1", "7\x000"); got != want {
		t.Errorf("PartID of the first part of row 7 = %s, want %s", got, want)
	}
}
