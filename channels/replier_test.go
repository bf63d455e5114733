package channels_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/manyvox/manyvox/channels"
)

// notLive has the role Live and denies it.
type notLive struct{ channels.Collector }

func (*notLive) Live() bool { return false }

func TestIsLive(t *testing.T) {
	t.Parallel()
	stream := channels.NewStream(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/webhook", nil))
	for _, c := range []struct {
		name string
		in   channels.Replier
		want bool
	}{
		{"a stream", stream, true},
		{"a Replier without the role", &channels.Collector{}, false},
		{"one that denies it", &notLive{}, false},
		{"none", nil, false},
	} {
		if got := channels.IsLive(c.in); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
