package instance_test

import (
	"strings"
	"testing"

	"github.com/manyvox/manyvox/service/instance"
)

func TestHops(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hops, program string
		want          string // of the error
	}{
		{"", "a", ""},
		{"b", "a", ""},
		{"b,c", "", ""},
		{"b,a", "a", "comes back to this program"},
		{"a", "a", "comes back to this program"},
		{"1,2,3,4,5,6,7", "a", ""},
		{"1,2,3,4,5,6,7,8", "a", "has passed through 8 programs"},
		{strings.Repeat("x", 1000), "a", "has passed through 1 programs"},
	} {
		err := instance.CheckHops(c.hops, c.program)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s at %s: %v, want %q", c.hops, c.program, err, c.want)
		}
	}
	if got := instance.NextHops(instance.NextHops("", "a"), "b"); got != "a,b" {
		t.Errorf("the next hops are %q", got)
	}
}
