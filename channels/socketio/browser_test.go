package socketio_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestWidgets holds conversations through published chat widgets, in Chromium. Their
// pages come from another origin than the server, as most do.
func TestWidgets(t *testing.T) {
	t.Parallel()
	needNode(t, "chromium")
	for widget, replies := range map[string][]string{
		"rasa-webchat": {"Three.", "hello over there", "Pick one", "/affirm", "back again"},
		"deep-chat":    {"hello over there", "back again"},
	} {
		t.Run(widget, func(t *testing.T) {
			t.Parallel()
			pages := httptest.NewServer(http.FileServer(http.Dir("clients")))
			t.Cleanup(pages.Close)
			p := run(t, programOptions{block: "  session_persistence: true\n", cors: []string{pages.URL}})
			tk := startNode(t, "browse.mjs", widget, pages.URL, p.url)
			for _, reply := range replies {
				if got := tk.readWithin(time.Minute, "heard"); got != reply {
					t.Fatalf("heard %q, want %q\n%s", got, reply, tk.err)
				}
			}
			if got := tk.readUntil("session"); got != "kept" {
				t.Errorf("after the reload: session %s\n%s", got, tk.err)
			}
			for range tk.lines { // until the browser has ended
			}
		})
	}
}
