package channels_test

import (
	"testing"

	"github.com/manyvox/manyvox/channels"
)

func TestReadDataURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, mediaType, data string }{
		{"data:image/png;base64,iVBO", "image/png", "\x89PN"},
		{"data:image/png;base64,iVBORw==", "image/png", "\x89PNG"},
		{"data:image/webp;base64,-_8", "image/webp", "\xfb\xff"},
		{"data:image/svg+xml;charset=utf-8,%3Csvg/%3E", "image/svg+xml", "<svg/>"},
		{"data:,a", "text/plain", "a"},
	} {
		mediaType, data, err := channels.ReadDataURL(c.address)
		if mediaType != c.mediaType || string(data) != c.data || err != nil {
			t.Errorf("%s: %s %q %v", c.address, mediaType, data, err)
		}
	}
	for _, address := range []string{"", "https://x.test/,", "data:image/png", "data:image/png;base64,!", "data:,%zz"} {
		if _, _, err := channels.ReadDataURL(address); err == nil {
			t.Errorf("%q: no error", address)
		}
	}
}
