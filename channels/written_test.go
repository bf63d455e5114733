package channels_test

import (
	"testing"

	"github.com/manyvox/manyvox/channels"
)

func TestWritten(t *testing.T) {
	t.Parallel()
	w := channels.NewWritten()
	photo := []channels.Attachment{{Type: "image", Ref: "L"}}
	for i, c := range []struct {
		message, event, text string
		files                []channels.Attachment
		want                 bool
	}{
		{"m1", "1", "hi", nil, true},
		{"m1", "1", "hi", nil, true}, // it comes again
		{"m1", "2", "hi", nil, false},
		{"m1", "2", "hi", nil, false}, // as before
		{"m1", "1", "hi", nil, true},
		{"m2", "3", "hi", nil, true},
		{"m1", "4", "ho", nil, true},
		{"m1", "5", "ho", photo, true},
		{"m1", "6", "ho", photo, false},
		{"m1", "7", "hi", nil, true}, // back to what it was
		{"m1", "8", "hi", nil, false},
	} {
		if got := w.IsNew(c.message, c.event, c.text, c.files); got != c.want {
			t.Errorf("%d: %+v: %v", i, c, got)
		}
	}
}
