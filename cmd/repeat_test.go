package cmd_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/manyvox/manyvox/channels/callback"
)

// A posted message that Rasa answers too late is not run again: its action may have had
// effects. With `repeat: always` it is.
func TestRepeatOfAMessageThatRasaAnswersTooLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key   string
		await string // in the log
		again bool
	}{
		"by default": {"", `"kind":"interrupted"`, false},
		"always":     {", repeat: always", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var turns atomic.Int64
			again := make(chan struct{}, 100)
			slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if turns.Add(1) > 1 {
					again <- struct{}{}
				}
				<-r.Context().Done()
			}))
			t.Cleanup(slow.Close)
			p := newProgram()
			p.Channels = append(p.Channels, callback.Type())
			r := p.start(t, localFlags(t, "callback: {url: http://localhost:1}\n", "agent: {type: rasa, timeout: 200ms, url: "+slow.URL+c.key+"}\n")...)
			res, err := r.http.Post("http://"+r.addr+"/webhooks/callback/webhook", "application/json", strings.NewReader(`{"sender":"ann","message":"order"}`))
			if err != nil || res.StatusCode != http.StatusOK {
				t.Fatal(res, err)
			}
			_ = res.Body.Close()
			if c.again {
				<-again
				return
			}
			r.err.await(t, c.await)
			if n := turns.Load(); n != 1 {
				t.Errorf("%d turns", n)
			}
		})
	}
}
